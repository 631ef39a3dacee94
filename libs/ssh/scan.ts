import { connect as connectSocket } from 'node:net';
import { Client } from 'ssh2';
import { algorithms } from './algorithms.ts';
import { connectionError } from './errors.ts';
import { KEY_TYPES, typeOf } from './host-keys.ts';

/**
 * Asks a host for its key, without a login: `ssh-ed25519 AAAA…`, the best kind that it has. What it answers is only
 * as true as the network is: a person compares. Throws `refused`, `timeout`, `cut`, `name_unknown`,
 * `host_key_unsupported`.
 */
export async function scanHostKey(
  { address, port }: { address: string; port: number },
  { timeout, signal }: { timeout: number; signal?: AbortSignal | undefined },
): Promise<string> {
  const deadline = AbortSignal.timeout(timeout);
  const over = signal ? AbortSignal.any([deadline, signal]) : deadline;
  const socket = connectSocket({ host: address, port, noDelay: true });
  const client = new Client();
  const asked = new Promise<Buffer>((resolve, reject) => {
    over.addEventListener('abort', () => reject(new Error(`Timed out after ${timeout} ms`)));
    socket.on('error', reject);
    client.on('error', reject);
    client.once('close', () => reject(new Error('the host closed the connection')));
    socket.once('connect', () =>
      client.connect({
        sock: socket,
        username: 'scan',
        readyTimeout: 0,
        algorithms: algorithms(Object.values(KEY_TYPES).flat()),
        hostVerifier: (key: Buffer) => {
          resolve(Buffer.from(key));
          return false;
        },
      }),
    );
  });
  try {
    const key = await asked;
    return `${typeOf(key)} ${key.toString('base64')}`;
  } catch (error) {
    throw connectionError(`${address}:${port}`, error);
  } finally {
    client.destroy();
    socket.destroy();
  }
}
