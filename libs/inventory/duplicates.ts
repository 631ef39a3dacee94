import { GofleetError } from '#errors';
import type { Host } from './types.ts';

/** Hosts that share a name, or an address and port, in pairs: the first and the one that repeats it. */
export function duplicatesAmong(hosts: Pick<Host, 'name' | 'connection'>[]): [string, string][] {
  const seen = new Map<string, string>();
  const found: [string, string][] = [];
  for (const { name, connection } of hosts) {
    const endpoint = `${connection.address.toLowerCase()}\n${connection.port}`;
    const before = seen.get(endpoint);
    if (before === undefined) seen.set(endpoint, name);
    else found.push([before, name]);
  }
  return found;
}

/** Throws `duplicate_host`, naming both, where two hosts have one address and port. */
export function checkDuplicates(hosts: Host[]): void {
  const pairs = duplicatesAmong(hosts);
  if (pairs.length === 0) return;
  const errors = pairs.slice(0, 100).map(([first, second]) => ({
    path: `hosts.${second}`,
    message: `"${first}" and "${second}" have one address and port`,
  }));
  const more = pairs.length > 1 ? ` (and ${pairs.length - 1} more pairs)` : '';
  throw new GofleetError('duplicate_host', `${errors[0]?.message ?? ''}${more}`, {
    remedy: 'Leave one of the two out of the targets, or correct ansible_host and ansible_port.',
    errors,
  });
}
