import { readFile } from 'node:fs/promises';
import { lookUpPins, parseKnownHosts, type Host, type Jump, type KnownHosts } from '#inventory';

/** Reads known_hosts files; one that is not there pins nothing. */
export async function readKnownHosts(paths: string[]): Promise<KnownHosts[]> {
  const texts = paths.map((path) =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    }),
  );
  return (await Promise.all(texts)).map(parseKnownHosts);
}

/** Pins of a host, and of those on the way to it. */
export function pin(host: Host, known: KnownHosts[]): Host {
  const { connection, name } = host;
  const jumps = connection.jumps.map((jump) => ({ ...jump, hostKeys: keysOf(jump, known) }));
  return {
    ...host,
    connection: { ...connection, hostKeys: keysOf({ ...connection, name }, known), jumps },
  };
}

type Pinnable = Pick<Jump, 'name' | 'address' | 'port' | 'hostKeys'>;

/** Pins of the inventory win; else known_hosts is asked by inventory name, then by address. */
function keysOf({ name, address, port, hostKeys }: Pinnable, known: KnownHosts[]): string[] {
  if (hostKeys.length > 0) return hostKeys;
  const byName = known.map((file) => lookUpPins(file, name, port));
  const byAddress = known.map((file) => lookUpPins(file, address, port));
  const keys = [byName, byAddress].map((found) => found.flatMap((pins) => pins.keys));
  const certified = [...byName, ...byAddress].some((pins) => pins.unsupported);
  return [...new Set(keys.find(({ length }) => length > 0) ?? (certified ? [CERTIFIED] : []))];
}

/** Stands for a pin that no worker can use: the host is known by a certificate alone (`host_key_unsupported`). */
const CERTIFIED = '@cert-authority';

/** A sentence about the hosts that will fail for want of a pin, and one about jump hosts that stop those behind them. */
export function warnOfUnpinned(hosts: Host[]): string[] {
  const jumps = hosts.flatMap(({ connection }) => connection.jumps.filter(isUnpinned));
  return [
    ...sentence(
      hosts.filter(({ connection }) => isUnpinned(connection)).map(({ name }) => name),
      { what: 'host', end: 'and will fail (host_key_unknown) until it is pinned' },
    ),
    ...sentence([...new Set(jumps.map(({ name }) => name))], {
      what: 'jump host',
      end: 'and nothing behind it can be reached (site_unavailable) until it is pinned',
    }),
  ];
}

function isUnpinned({ hostKeys }: { hostKeys: string[] }): boolean {
  return hostKeys.length === 0;
}

function sentence(names: string[], { what, end }: { what: string; end: string }): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, 5);
  const more = names.length > shown.length ? `, and ${names.length - shown.length} more` : '';
  const whose = names.length === 1 ? `${what} has` : `${what}s have`;
  return [`${names.length} ${whose} no pinned key ${end}: ${shown.join(', ')}${more}`];
}
