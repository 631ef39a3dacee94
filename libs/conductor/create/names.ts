import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { GofleetError } from '#errors';
import { distance } from 'fastest-levenshtein';

/**
 * The real path of a name below a folder. Throws `path_not_allowed` for what leads out (an absolute path, `..`, a
 * link), `invalid_file` with the nearest names where there is no such file.
 */
export async function resolveName(
  folder: string,
  name: string,
  key: 'inventory' | 'playbook',
  endings: string[],
): Promise<string> {
  if (isAbsolute(name) || name.split(/[/\\]/).includes('..') || name.includes('\0'))
    throw leadsOut(key, name);
  const top = await realpath(folder).catch(() => folder);
  for (const ending of endings) {
    const path = await realpath(join(top, name + ending)).catch(() => undefined);
    if (path === undefined) continue;
    if (path !== top && !path.startsWith(top + sep)) throw leadsOut(key, name);
    return path;
  }
  throw await noSuchName(top, name, key, endings);
}

/** Throws `path_not_allowed` where a link somewhere in a folder leads out of the top folder. */
export async function refuseLinksOut(folder: string, path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isDirectory()) return;
  const top = await realpath(folder);
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  for (const link of entries.filter((entry) => entry.isSymbolicLink())) {
    const target = await realpath(join(link.parentPath, link.name)).catch(() => undefined);
    if (target !== undefined && !target.startsWith(top + sep))
      throw leadsOut('inventory', link.name);
  }
}

function leadsOut(key: string, name: string): GofleetError {
  const message = `${name} leads out of the controller's folder`;
  return new GofleetError('path_not_allowed', `${key}: ${message}`, {
    remedy:
      'Name something below that folder, without `/` at the start, `..` or links that lead out.',
    errors: [{ path: key, message }],
  });
}

async function noSuchName(folder: string, name: string, key: string, endings: string[]) {
  const there = await readdir(folder).catch(() => []);
  const names = there.map((entry) => {
    const ending = endings.find((each) => each !== '' && entry.endsWith(each)) ?? '';
    return entry.slice(0, entry.length - ending.length);
  });
  const near = names.toSorted((a, b) => distance(a, name) - distance(b, name)).slice(0, 3);
  const message =
    near.length === 0
      ? `there is no ${name}: the folder ${folder} is empty`
      : `there is no ${name} in ${folder}; nearest: ${near.join(', ')}`;
  return new GofleetError('invalid_file', `${key}: ${message}`, {
    remedy: `Correct the name, or put the ${key} into that folder.`,
    errors: [{ path: key, message }],
  });
}
