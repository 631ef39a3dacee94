import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import { Name, type PackProject } from '#bundle';
import { GofleetError } from '#errors';
import { isFolder, parseGoMod, parseGoSum, type GoMod, type GoSum } from '#gomod';
import type { Build } from './build.ts';
import { projectFiles } from './project-files.ts';
import type { Environment } from './run.ts';
import { projectName } from './schema.ts';

/** A Go project on this disk, fit to be packed. */
export interface Project {
  name: string;
  folder: string;
  mod: GoMod;
  sum: GoSum;
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
  const text = await readFile(join(folder, 'go.mod'), 'utf8').catch(() => undefined);
  if (text === undefined) throw noGoMod(folder, place);
  const mod = parseGoMod(text, join(folder, 'go.mod'));
  refuseReplacements(mod, folder);
  await refuseWorkspace(folder, env);
  return { name, folder, mod, sum: await readGoSum(folder, mod) };
}

/** The project's source as a blob. */
export async function packProject(
  { name, folder, mod }: Project,
  build: Build,
): Promise<PackProject> {
  build.progress({ step: 'pack', message: `source of ${name}` });
  const entries = await projectFiles(folder, name, build);
  const archive = await build.bench.archive(entries, 6);
  return {
    name,
    module: mod.module,
    go: mod.go ?? null,
    workspace: [],
    vendored: false,
    ...archive,
  };
}

async function readGoSum(folder: string, mod: GoMod): Promise<GoSum> {
  const text = await readFile(join(folder, 'go.sum'), 'utf8').catch(() => undefined);
  if (text === undefined && mod.require.length > 0)
    throw new GofleetError(
      'invalid_file',
      `${folder} has a go.mod with requirements and no go.sum`,
      {
        remedy: 'Run `go mod tidy` there and commit go.sum.',
      },
    );
  return parseGoSum(text ?? '', join(folder, 'go.sum'));
}

function refuseReplacements({ replace }: GoMod, folder: string): void {
  const outside = replace.filter((each) => isFolder(each) && leadsOut(each.new.path));
  if (outside.length === 0) return;
  const file = join(folder, 'go.mod');
  const errors = outside.map(({ old, new: to, line }) => ({
    path: `replace ${old.path}`,
    line,
    message: `${to.path} lies outside the project`,
  }));
  throw new GofleetError(
    'not_supported_yet',
    `${file} line ${errors[0]?.line}: replace by ${outside[0]?.new.path} leads outside the project`,
    { remedy: 'Move that module into the project, or publish it and require a version.', errors },
  );
}

function leadsOut(path: string): boolean {
  const to = normalize(path);
  return to.startsWith('/') || to === '..' || to.startsWith('../');
}

async function refuseWorkspace(folder: string, env: Environment): Promise<void> {
  const own = await stat(join(folder, 'go.work')).catch(() => undefined);
  const work = own ? join(folder, 'go.work') : await workspaceAbove(folder, env);
  if (!work) return;
  throw new GofleetError('not_supported_yet', `${folder} is in the workspace ${work}`, {
    remedy: 'Build with GOWORK=off set if the project builds without its workspace.',
  });
}

/** A user who set GOWORK=off has said that the project stands for itself. */
async function workspaceAbove(folder: string, env: Environment): Promise<string | undefined> {
  if (env['GOWORK'] === 'off') return undefined;
  const above = dirname(resolve(folder));
  if (above === resolve(folder)) return undefined;
  const found = await stat(join(above, 'go.work')).catch(() => undefined);
  return found ? join(above, 'go.work') : workspaceAbove(above, env);
}

function noFolder(folder: string, place: string): GofleetError {
  return new GofleetError('invalid_file', `${place}: there is no folder ${folder}`, {
    remedy: 'Projects are folders, named from the folder of the bundle file.',
  });
}

function noGoMod(folder: string, place: string): GofleetError {
  return new GofleetError('invalid_file', `${place}: ${folder} has no go.mod`, {
    remedy: 'Name the folder of the module, or run `go mod init` there.',
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
