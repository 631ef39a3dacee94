import { z } from 'zod';
import { GofleetError } from '#errors';
import { parseGoMod, type ModuleVersion } from '#gomod';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Build } from '../build.ts';
import { baseOf } from './go-mods.ts';
import type { ModuleCache } from './module-cache.ts';
import { moduleNamed, nameOf } from './needed.ts';
import { modeOf } from './project-copy.ts';

/** A command that packs make installable: its package, and the module and version that the query came to. */
export interface ResolvedTool extends ModuleVersion {
  package: string;
}

const Listed = z.object({ Path: z.string(), Version: z.string() });

/** What each `module@query` means now: `@latest`, `@v1` or a branch become a version. Throws `go_failed`. */
export async function resolveModules(
  queries: readonly string[],
  cache: ModuleCache,
  build: Build,
): Promise<ModuleVersion[]> {
  const modules: ModuleVersion[] = [];
  for (const query of queries) modules.push(await resolveModule(query, cache, build));
  return modules;
}

async function resolveModule(
  query: string,
  cache: ModuleCache,
  build: Build,
): Promise<ModuleVersion> {
  const where = { cwd: await build.bench.scratch('empty'), env: envFor(query, cache) };
  const text = await build.go.run(['list', '-m', '-json', query], where);
  const { Path, Version } = Listed.parse(JSON.parse(text));
  return { path: Path, version: Version };
}

/** Finds the module of `package@query`. Throws `invalid_file` for what `go install` would refuse. */
export async function resolveTool(
  query: string,
  cache: ModuleCache,
  build: Build,
): Promise<ResolvedTool> {
  const cwd = await build.bench.scratch('tool');
  await writeFile(join(cwd, 'go.mod'), 'module gofleet.invalid/tool\n\ngo 1.21\n');
  const env = { ...envFor(query, cache), ...modeOf(false, cwd, cache) };
  const wanted = moduleNamed(query)?.path ?? query;
  await build.go.run(['get', query], { cwd, env });
  const format = '{{.Name}} {{with .Module}}{{.Path}} {{.Version}}{{end}}';
  const text = await build.go.run(['list', '-f', format, wanted], { cwd, env });
  const [name, path = '', version = ''] = text.trim().split(' ');
  if (name !== 'main') throw notInstallable(query, 'it is a library and no command');
  const mod = parseGoMod(
    await readFile(join(cache.downloads, `${baseOf({ path, version })}.mod`), 'utf8'),
    `go.mod of ${nameOf({ path, version })}`,
  );
  if (mod.replace.length > 0 || mod.exclude.length > 0)
    throw notInstallable(query, 'its go.mod has replace or exclude lines');
  return { package: wanted, path, version };
}

/** A cache knows what versions there were, and not which is the latest. */
function envFor(query: string, cache: ModuleCache) {
  return /@v\d+\.\d+\.\d+/.test(query) ? cache.env : cache.askEnv;
}

function notInstallable(query: string, why: string): GofleetError {
  return new GofleetError('invalid_file', `tools: go cannot install ${query}: ${why}`, {
    remedy:
      'Name the package of a command as `go install` takes it, or pack its source as a project.',
    errors: [{ path: 'tools', message: `${query}: ${why}` }],
  });
}
