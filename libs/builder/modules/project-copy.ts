import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Build } from '../build.ts';
import type { Project } from '../projects/project.ts';
import type { Environment } from '../run.ts';
import type { ModuleCache } from './module-cache.ts';

/** Where go can be asked about a project without touching it: go adds lines to go.sum, and more. */
export interface ProjectCopy {
  cwd: string;
  env: Environment;
  /** Folders of its modules, from `cwd`. */
  folders: string[];
}

/** Copies what go reads to resolve modules and imports: its own files, and no assets. */
export async function copyProject(
  { name, files, members, isWorkspace }: Project,
  cache: ModuleCache,
  build: Build,
): Promise<ProjectCopy> {
  const into = await build.bench.scratch('copy');
  const wanted = files.filter(({ path, kind }) => kind === 'link' || isForGo(path, name));
  for (const entry of wanted) {
    const path = join(into, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if (entry.kind === 'link') await symlink(entry.target, path);
    else await pipeline(entry.read(), createWriteStream(path));
  }
  const cwd = join(into, name);
  const folders = members.map(({ folder }) => folder);
  return { cwd, env: { ...cache.env, ...modeOf(isWorkspace, cwd, cache) }, folders };
}

/** Modules are taken from the cache and not from vendor/, and what go.mod lacks may be added to it. */
export function modeOf(
  isWorkspace: boolean,
  cwd: string,
  { flags }: Pick<ModuleCache, 'flags'>,
): Environment {
  return isWorkspace
    ? { GOWORK: join(cwd, 'go.work'), GOFLAGS: `-mod=readonly ${flags}` }
    : { GOWORK: 'off', GOFLAGS: `-mod=mod ${flags}` };
}

function isForGo(path: string, name: string): boolean {
  if (path.startsWith(`${name}/vendor/`)) return false;
  return path.endsWith('.go') || /\/go\.(?:mod|sum|work|work\.sum)$/.test(path);
}
