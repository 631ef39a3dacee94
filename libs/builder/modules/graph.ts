import type { ModuleVersion, Replacement } from '#gomod';
import type { Build } from '../build.ts';
import { goFailed } from '../go.ts';
import { parseDownloads } from '../mod-download.ts';
import { replaced } from '../projects/replacements.ts';
import type { Environment } from '../run.ts';
import { forged, isForged } from '../forged.ts';
import { moduleNamed, type Needed } from './needed.ts';

/** A folder with a go.mod or go.work, as go is to see it. */
export interface Place {
  cwd: string;
  env: Environment;
  replace: readonly Replacement[];
}

/**
 * What a folder needs: the zip of every module that its build list has, tests of dependencies included
 * (`go mod download all`), and the go.mod of everything else in the graph, which `go list -m all` reads.
 */
export async function graphOf(place: Place, build: Build): Promise<Needed[]> {
  const zips = await downloadAll(place, build);
  const graph = await moduleGraph(place, [], build);
  return [...zips, ...graph.map((module) => ({ ...module, zip: false }))];
}

/** The modules of a graph, after replacements: those that are folders are left out. */
export async function moduleGraph(
  { cwd, env, replace }: Place,
  flags: readonly string[],
  build: Build,
): Promise<ModuleVersion[]> {
  const graph = await build.go.run(['mod', 'graph', ...flags], { cwd, env });
  const names = [...new Set(graph.split(/\s+/))];
  return names.flatMap((name) => {
    const module = moduleNamed(name);
    if (!module || module.path === 'go' || module.path === 'toolchain') return [];
    return replaced(module, replace) ?? [];
  });
}

async function downloadAll({ cwd, env }: Place, build: Build): Promise<Needed[]> {
  return downloadZips(['all'], { cwd, env }, build);
}

/** Fetches modules with their zips into the module cache. Throws `bundle_invalid` where one is not what go.sum says. */
export async function downloadZips(
  names: readonly string[],
  where: { cwd: string; env: Environment },
  build: Build,
): Promise<Needed[]> {
  const args = ['mod', 'download', '-json', ...names];
  const { code, stdout, stderr } = await build.go.try(args, where);
  const found = parseDownloads(stdout);
  const errors = found.flatMap(({ Error: message }) => message ?? []);
  const said = errors.length > 0 ? errors.join('\n') : code === 0 ? undefined : stderr.trim();
  if (said !== undefined) throw isForged(said) ? forged(said) : goFailed(args, said);
  return found.flatMap(({ Path: path, Version: version, Zip }) =>
    path && version && Zip ? [{ path, version, zip: true }] : [],
  );
}
