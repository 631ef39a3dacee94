import { readFile } from 'node:fs/promises';
import { lookUpPins, parseKnownHosts, type Host, type KnownHosts } from '#inventory';

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

/** Pins of the inventory win; else known_hosts is asked by inventory name, then by address. */
export function pin(host: Host, known: KnownHosts[]): Host {
  if (host.connection.hostKeys.length > 0) return host;
  const { address, port } = host.connection;
  const byName = known.map((file) => lookUpPins(file, host.name, port));
  const byAddress = known.map((file) => lookUpPins(file, address, port));
  const keys = [byName, byAddress].map((found) => found.flatMap((pins) => pins.keys));
  const certified = [...byName, ...byAddress].some((pins) => pins.unsupported);
  const hostKeys = keys.find(({ length }) => length > 0) ?? (certified ? [CERTIFIED] : []);
  return { ...host, connection: { ...host.connection, hostKeys: [...new Set(hostKeys)] } };
}

/** Stands for a pin that no worker can use: the host is known by a certificate alone (`host_key_unsupported`). */
const CERTIFIED = '@cert-authority';

/** One sentence about the hosts that will fail for want of a pin. */
export function warnOfUnpinned(hosts: Host[]): string[] {
  const unpinned = hosts.filter((host) => host.connection.hostKeys.length === 0);
  if (unpinned.length === 0) return [];
  const names = unpinned.slice(0, 5).map((host) => host.name);
  const more = unpinned.length > names.length ? `, and ${unpinned.length - names.length} more` : '';
  const whose = unpinned.length === 1 ? 'host has' : 'hosts have';
  return [
    `${unpinned.length} ${whose} no pinned key and will fail (host_key_unknown) until it is pinned: ${names.join(', ')}${more}`,
  ];
}
