import { isIP } from 'node:net';
import { GofleetError } from '#errors';

export interface ListenAddress {
  host: string;
  port: number;
}

/** Reads `ADDR:PORT`, with IPv6 in brackets. */
export function listenAddress(text: string): ListenAddress {
  const [, six, other, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? other;
  if (host === undefined || Number(port) > 65_535)
    throw new GofleetError('usage', `${JSON.stringify(text)} is no address to listen on`, {
      remedy: 'Write ADDR:PORT, such as 127.0.0.1:7070 or [::1]:7070.',
    });
  return { host, port: Number(port) };
}

/** What no other machine can reach. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1';
}

/** The URL under which it answers; an address that means "all" is reached over loopback. */
export function urlOf({ host, port }: ListenAddress): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIP(reached) === 6 ? `[${reached}]` : reached}:${port}`;
}
