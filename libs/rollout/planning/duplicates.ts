import { GofleetError } from '#errors';
import type { Host } from '#inventory';

/** What of a host the plan looks at. */
export interface PlannedHost {
  name: string;
  connection: Pick<Host['connection'], 'address' | 'port'>;
  /** The value of `strategy.failureDomain`; undefined where the host has none. */
  domain?: string | undefined;
  /** The value of `timezone`; undefined where the host has none. */
  zone?: string | undefined;
}

/** Throws `duplicate_host` for a name that comes twice and for two names with one address and port. */
export function refuseDuplicates(hosts: readonly PlannedHost[]): void {
  const byName = new Set<string>();
  const byAddress = new Map<string, string>();
  for (const { name, connection } of hosts) {
    if (byName.has(name)) throw duplicate(`${name} is named twice`);
    byName.add(name);
    const address = `${connection.address.toLowerCase()} port ${connection.port}`;
    const other = byAddress.get(address);
    if (other !== undefined) throw duplicate(`${other} and ${name} are one host: ${address}`);
    byAddress.set(address, name);
  }
}

function duplicate(message: string): GofleetError {
  return new GofleetError('duplicate_host', message, {
    remedy: 'Name each host once, or narrow `targets` so that it matches one of the two.',
    errors: [{ path: 'targets', message }],
  });
}
