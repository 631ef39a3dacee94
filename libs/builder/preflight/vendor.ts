import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineOf, type GoMod } from '#gomod';
import type { Project } from '../projects/project.ts';
import type { Obstacle } from './preflight.ts';

/**
 * Where vendor/modules.txt and go.mod disagree go refuses to build (cmd/go, modload/vendor.go). Of a workspace it holds
 * the versions of all members together, so that only go itself can tell.
 */
export async function vendorDisagrees(project: Project): Promise<Obstacle[]> {
  const { folder, members, vendored, isWorkspace } = project;
  if (!vendored || isWorkspace) return [];
  const [{ mod }] = members;
  const list = join(folder, 'vendor/modules.txt');
  const explicit = explicitIn(await readFile(list, 'utf8'));
  const goMod = join(folder, 'go.mod');
  const text = await readFile(goMod, 'utf8');
  return [
    ...requiredOnly(mod, explicit).map((path) => ({
      file: goMod,
      line: lineOf(text, goMod, 'require', path),
      message: `it requires ${path} ${versionOf(mod, path)}, and vendor/modules.txt has ${explicit.get(path) ?? 'no such module'}`,
    })),
    ...[...explicit.keys()]
      .filter((path) => versionOf(mod, path) === undefined)
      .map((path) => ({ file: list, message: `it has ${path}, which go.mod does not require` })),
  ].map((each) => ({ ...each, remedy: 'Run `go mod vendor` there and commit what it changes.' }));
}

/** Modules that go.mod names, with their versions, of lines `# path version` with `## explicit` below. */
function explicitIn(text: string): Map<string, string> {
  const explicit = new Map<string, string>();
  let last: [path: string, version: string] | undefined;
  for (const line of text.split('\n')) {
    const [mark, path = '', version = ''] = line.split(' ');
    if (mark === '#') last = [path, version];
    else if (mark === '##' && last && /\bexplicit\b/.test(line)) explicit.set(...last);
  }
  return explicit;
}

function requiredOnly({ require }: GoMod, explicit: ReadonlyMap<string, string>): string[] {
  return require
    .filter(({ path, version }) => explicit.get(path) !== version)
    .map(({ path }) => path);
}

function versionOf({ require }: GoMod, path: string): string | undefined {
  return require.find((each) => each.path === path)?.version;
}
