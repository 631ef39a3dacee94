import { mkdir, stat, symlink } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { escapePath, type ModuleVersion } from '#gomod';
import type { Build } from './build.ts';
import { goFailed } from './go.ts';
import { parseDownloads } from './mod-download.ts';
import { projectFiles } from './project-files.ts';
import type { Project } from './project.ts';
import { forged, isForged, isUnchecked } from './sumdb.ts';

const AT_ONCE = 100;

/**
 * Fills a module cache with all that a project needs, in a copy, as `go mod download all` adds lines to go.sum: every
 * module that anything in the graph needs, tests of dependencies included, and go.mod and .info of all others, which
 * `go list -m all` reads.
 */
export async function fillModuleCache(
  project: Project,
  modCache: string,
  build: Build,
): Promise<void> {
  const cwd = await copyOf(project, build);
  build.progress({ step: 'pack', message: `modules of ${project.name}` });
  const env = { GOMODCACHE: modCache };
  const unchecked = await downloadAll(cwd, modCache, build);
  const more = unchecked ? { ...env, GOSUMDB: 'off' } : env;
  const graph = await build.go.run(['mod', 'graph'], { cwd, env: more });
  const missing = await withoutGoMod(graphModules(graph), modCache);
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    const some = missing.slice(at, at + AT_ONCE).map(({ path, version }) => `${path}@${version}`);
    await build.go.run(['list', '-m', '-json', ...some], { cwd, env: more });
  }
}

/** Answers whether it had to do without the checksum database, because that does not answer. */
async function downloadAll(cwd: string, modCache: string, build: Build): Promise<boolean> {
  const args = ['mod', 'download', '-json', 'all'];
  const checked = await build.go.try(args, { cwd, env: { GOMODCACHE: modCache } });
  const said = failureOf(checked.stdout, checked.code === 0 ? '' : checked.stderr);
  if (said === undefined) return false;
  if (isForged(said)) throw forged(said);
  if (!isUnchecked(said)) throw goFailed(args, said);
  build.progress({
    step: 'pack',
    message:
      'the checksum database does not answer; modules that go.sum does not name stay unverified',
  });
  const unchecked = await build.go.try(args, {
    cwd,
    env: { GOMODCACHE: modCache, GOSUMDB: 'off' },
  });
  const failed = failureOf(unchecked.stdout, unchecked.code === 0 ? '' : unchecked.stderr);
  if (failed !== undefined) throw goFailed(args, failed);
  return true;
}

function failureOf(stdout: string, stderr: string): string | undefined {
  const errors = parseDownloads(stdout).flatMap(({ Error: message }) => message ?? []);
  return errors.length > 0 ? errors.join('\n') : stderr.trim() || undefined;
}

/** `go mod graph` prints `module[@version] module@version`; go and toolchain are no modules. */
function graphModules(graph: string): ModuleVersion[] {
  const names = new Set(graph.split(/\s+/).filter((name) => name.includes('@')));
  return [...names].flatMap((name) => {
    const at = name.lastIndexOf('@');
    const [path, version] = [name.slice(0, at), name.slice(at + 1)];
    return path === 'go' || path === 'toolchain' ? [] : [{ path, version }];
  });
}

async function withoutGoMod(modules: ModuleVersion[], modCache: string): Promise<ModuleVersion[]> {
  const found = modules.map(async ({ path, version }) => {
    const base = join(modCache, 'cache/download', escapePath(path), '@v', escapePath(version));
    const present = await Promise.all([stat(`${base}.info`), stat(`${base}.mod`)]).catch(() => []);
    return present.length > 0 ? [] : [{ path, version }];
  });
  return (await Promise.all(found)).flat();
}

async function copyOf({ name, folder }: Project, build: Build): Promise<string> {
  const into = await build.bench.scratch('copy');
  for (const entry of await projectFiles(folder, name, build)) {
    const path = join(into, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if (entry.kind === 'link') await symlink(entry.target, path);
    else await pipeline(entry.read(), createWriteStream(path));
  }
  await mkdir(join(into, name), { recursive: true });
  return join(into, name);
}
