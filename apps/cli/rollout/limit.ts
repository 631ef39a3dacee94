import { readFile } from 'node:fs/promises';
import { GofleetError } from '#errors';

const MOST = 8000;

/**
 * A pattern for the query: `@FILE` stands for the names in that file (one a line, `#` comments), read here, because the
 * controller does not see the files of the person who types.
 */
export async function readLimit(pattern: string): Promise<string> {
  if (!pattern.startsWith('@')) return pattern;
  const file = pattern.slice(1);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GofleetError('usage', `--limit ${pattern}: the file cannot be read`, {
      remedy:
        'Name a file with one host a line, as "gofleet rollout hosts ID --names" prints them.',
      cause,
    });
  });
  const hosts = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  return checked(hosts, file);
}

function checked(hosts: string[], file: string): string {
  const limit = hosts.join(',');
  if (hosts.length === 0)
    throw new GofleetError('no_hosts', `${file} names no host`, {
      remedy: 'Put one host a line into it.',
    });
  if (limit.length > MOST)
    throw new GofleetError('usage', `${file} names ${hosts.length} hosts: too many for a limit`, {
      remedy: 'Make a group of them in the inventory and name that in `targets`.',
    });
  return limit;
}
