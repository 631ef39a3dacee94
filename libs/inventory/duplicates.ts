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
