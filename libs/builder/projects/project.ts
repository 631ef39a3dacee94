import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Name, type ArchiveEntry, type PackProject } from '#bundle';
import { GofleetError } from '#errors';
import { compareGo, parseGoMod, type GoMod, type GoSum, type Replacement } from '#gomod';
import type { Build } from '../build.ts';
import { projectFiles } from './project-files.ts';
import { readSums } from './project-sums.ts';
import { refuseReplacements } from './replacements.ts';
import type { Environment } from '../run.ts';
import { projectName } from '../schema.ts';
import { openWorkspace } from './workspace.ts';

/** A module of a project. */
export interface Member {
  /** From the project's folder; `.` is that folder itself. */
  folder: string;
  mod: GoMod;
}

/** A Go project on this disk, fit to be packed: one module, or a workspace. */
export interface Project {
  name: string;
  folder: string;
  /** Whether it has a go.work. */
  isWorkspace: boolean;
  /** Its one module, or the members of its workspace as go.work has them. */
  members: [Member, ...Member[]];
  /** The `go` line of its go.work or go.mod. */
  go: string | undefined;
  /** The `toolchain` line of the same file. */
  toolchain: string | undefined;
  /** In the order in which they hold: those of go.work, then those of the members. */
  replace: Replacement[];
  /** Every go.sum of it, and go.work.sum. */
  sums: GoSum[];
  /** Whether go builds it from vendor/. */
  vendored: boolean;
  /** Its source, below a folder of its name: what a host gets. */
  files: ArchiveEntry[];
}

/** Reads a project and refuses what a pack could not build offline. `place` says where it is named, for errors. */
export async function openProject(
  folder: string,
  place: string,
  env: Environment,
): Promise<Project> {
  const name = projectName(resolve(folder));
  if (!Name.safeParse(name).success) throw badName(name, place);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw noFolder(folder, place);
  const files = await projectFiles(folder, name, { env });
  const has = (path: string): boolean => files.some((file) => file.path === `${name}/${path}`);
  const shape = has('go.work')
    ? await openWorkspace(folder)
    : await openModule(folder, place, has('go.mod'), env);
  refuseReplacements(shape, folder);
  const sums = await readSums(shape, folder);
  const vendored = has('vendor/modules.txt') && vendors(shape);
  return { name, folder, ...shape, sums, vendored, files };
}

/** What its go.mod or go.work makes of a project. */
export type Shape = Pick<Project, 'isWorkspace' | 'members' | 'go' | 'toolchain' | 'replace'>;

/** The project's source as a blob. */
export async function packProject(project: Project, build: Build): Promise<PackProject> {
  const { name, members, go, isWorkspace, vendored, files } = project;
  build.progress({ step: 'pack', message: `source of ${name}` });
  const archive = await build.bench.archive(files, 6);
  return {
    name,
    module: members[0].mod.module,
    go: go ?? null,
    workspace: isWorkspace ? members.map((member) => member.folder) : [],
    vendored,
    ...archive,
  };
}

async function openModule(
  folder: string,
  place: string,
  isThere: boolean,
  env: Environment,
): Promise<Shape> {
  const path = join(folder, 'go.mod');
  if (!isThere) throw noGoMod(folder, place);
  await refuseMember(folder, env);
  const mod = parseGoMod(await readFile(path, 'utf8'), path);
  const { go, toolchain, replace } = mod;
  return { isWorkspace: false, members: [{ folder: '.', mod }], go, toolchain, replace };
}

/** go builds from vendor/ without being asked to since 1.14, in workspaces since 1.22: by the `go` line, not by itself. */
function vendors({ isWorkspace, go }: Shape): boolean {
  return compareGo(go ?? '1.16', isWorkspace ? '1.22' : '1.14') >= 0;
}

/** On a host it would be alone, and here it is not. Who set GOWORK=off has said that it can be. */
async function refuseMember(folder: string, env: Environment): Promise<void> {
  if (env['GOWORK'] === 'off') return;
  const work = await workspaceAbove(folder);
  if (work === undefined) return;
  throw new GofleetError('invalid_file', `${folder} lies in the workspace ${work}`, {
    remedy: `Name ${dirname(work)} as the project, or build with GOWORK=off set if this module builds without its workspace.`,
  });
}

async function workspaceAbove(folder: string): Promise<string | undefined> {
  const above = dirname(resolve(folder));
  if (above === resolve(folder)) return undefined;
  const found = await stat(join(above, 'go.work')).catch(() => undefined);
  return found ? join(above, 'go.work') : workspaceAbove(above);
}

function noFolder(folder: string, place: string): GofleetError {
  return new GofleetError('invalid_file', `${place}: there is no folder ${folder}`, {
    remedy: 'Projects are folders, named from the folder of the bundle file.',
  });
}

function noGoMod(folder: string, place: string): GofleetError {
  return new GofleetError('invalid_file', `${place}: ${folder} has no go.mod`, {
    remedy:
      'Name the folder of the module or workspace, or run `go mod init` there. What git ignores does not count.',
  });
}

function badName(name: string, place: string): GofleetError {
  return new GofleetError(
    'invalid_file',
    `${place}: ${JSON.stringify(name)} cannot name a project`,
    {
      remedy: 'Rename its folder: at most 64 letters, digits, dots, dashes and underscores.',
    },
  );
}
