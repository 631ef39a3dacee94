import { connect as connectSocket } from 'node:net';
import { Client, type ServerHostKeyAlgorithm } from 'ssh2';
import { algorithms } from './algorithms.ts';
import { connectionError } from './errors.ts';
import { fingerprint, KEY_TYPES } from './host-keys.ts';

export interface ScannedKey {
  type: string;
  /** `ssh-ed25519 AAAA…`, as it is pinned. */
  line: string;
  fingerprint: string;
}

export interface ScanOptions {
  /** Milliseconds for each connection. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/**
 * Asks a host for its keys, a connection for each kind, without a login; kinds that it does not have are left out.
 * What it answers is only as true as the network is: a person compares. Throws `refused`, `timeout`, `cut`,
 * `name_unknown`.
 */
export async function scanHostKeys(
  address: string,
  port: number,
  options: ScanOptions,
): Promise<ScannedKey[]> {
  const found: ScannedKey[] = [];
  for (const [type, kinds] of Object.entries(KEY_TYPES)) {
    const key = await ask(address, port, kinds, options).catch((error: unknown) => {
      if (error instanceof Error && /no matching host key/i.test(error.message)) return undefined;
      throw connectionError(`${address}:${port}`, error);
    });
    if (key)
      found.push({
        type,
        line: `${type} ${key.toString('base64')}`,
        fingerprint: fingerprint(key),
      });
  }
  return found;
}

/** The key that a host shows for these algorithms; the connection ends there. */
function ask(
  address: string,
  port: number,
  kinds: ServerHostKeyAlgorithm[],
  { timeout, signal }: ScanOptions,
): Promise<Buffer> {
  const deadline = AbortSignal.timeout(timeout);
  const over = signal ? AbortSignal.any([deadline, signal]) : deadline;
  const socket = connectSocket({ host: address, port, noDelay: true });
  const client = new Client();
  return new Promise<Buffer>((resolve, reject) => {
    over.addEventListener('abort', () => reject(new Error(`Timed out after ${timeout} ms`)));
    socket.on('error', reject);
    client.on('error', reject);
    client.once('close', () => reject(new Error('the host closed the connection')));
    socket.once('connect', () =>
      client.connect({
        sock: socket,
        username: 'scan',
        readyTimeout: 0,
        algorithms: algorithms(kinds),
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
