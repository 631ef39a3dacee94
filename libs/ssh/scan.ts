import { connect as connectSocket } from 'node:net';
import { Client } from 'ssh2';
import { algorithms } from './algorithms.ts';
import { connectionError } from './errors.ts';
import { fingerprint, KEY_TYPES } from './host-keys.ts';

export interface ScannedKey {
  type: string;
  /** `ssh-ed25519 AAAA…`, as it is pinned. */
  line: string;
  fingerprint: string;
}

/**
 * Asks a host for its keys, a connection for each kind, without a login. What it answers is only as true as the
 * network is: a person compares. Throws `refused`, `timeout`, `cut`, `name_unknown`.
 */
export async function scanHostKeys(
  address: string,
  port: number,
  { timeout, signal }: { timeout: number; signal?: AbortSignal | undefined },
): Promise<ScannedKey[]> {
  const found: ScannedKey[] = [];
  for (const type of Object.keys(KEY_TYPES)) {
    const key = await askFor(type, address, port, timeout, signal);
    if (key)
      found.push({
        type,
        line: `${type} ${key.toString('base64')}`,
        fingerprint: fingerprint(key),
      });
  }
  return found;
}

function askFor(
  type: string,
  address: string,
  port: number,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  const deadline = AbortSignal.timeout(timeout);
  const over = signal ? AbortSignal.any([deadline, signal]) : deadline;
  const socket = connectSocket({ host: address, port, noDelay: true });
  const client = new Client();
  const place = `${address}:${port}`;
  return new Promise<Buffer | undefined>((resolve, reject) => {
    const fail = (error: unknown) => {
      const said = error instanceof Error ? error.message : '';
      if (/no matching host key/i.test(said)) resolve(undefined);
      else reject(connectionError(place, error));
    };
    over.addEventListener('abort', () => fail(new Error(`Timed out after ${timeout} ms`)), {
      once: true,
    });
    socket.on('error', fail);
    client.on('error', fail);
    client.once('close', () => fail(new Error('the host closed the connection')));
    socket.once('connect', () =>
      client.connect({
        sock: socket,
        username: 'scan',
        readyTimeout: 0,
        algorithms: algorithms(KEY_TYPES[type] ?? []),
        hostVerifier: (key: Buffer) => {
          resolve(Buffer.from(key));
          return false;
        },
      }),
    );
  }).finally(() => {
    client.destroy();
    socket.destroy();
  });
}
