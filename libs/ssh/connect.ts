import { connect as connectSocket, type Socket } from 'node:net';
import { GofleetError } from '#errors';
import type { Transport } from '#operations';
import ssh2, {
  Client,
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type ConnectConfig,
  type KeyboardInteractiveAuthMethod,
} from 'ssh2';
import { algorithms } from './algorithms.ts';
import { connectionError } from './errors.ts';
import { fingerprint, KEY_TYPES, readPins, type Pin } from './host-keys.ts';
import { sshTransport } from './transport.ts';

/** Where and as whom. */
export interface Target {
  address: string;
  port: number;
  user: string;
  /** Pinned keys as `ssh-ed25519 AAAA…`. */
  hostKeys: readonly string[];
}

/** How to log in; at least one of both. Resolved at connect and kept nowhere. */
export interface Credentials {
  privateKey?: Buffer | undefined;
  password?: string | undefined;
}

export interface ConnectOptions {
  /** Milliseconds for all of it: socket, handshake, login. */
  timeout: number;
  signal?: AbortSignal | undefined;
  /** At most so many handshakes are in progress in a process: they are what costs. Shared by all connections. */
  limit?: <T>(run: () => Promise<T>) => Promise<T>;
}

/** What ssh2 takes for the end of the methods; its types do not know. */
const NO_MORE = false as never;

/** Milliseconds between signs of life; the third that stays without an answer ends the connection. */
const KEEPALIVE = 10_000;

/**
 * Connects and logs in. The host proves its pinned key before any credential leaves. Throws `refused`, `timeout`,
 * `cut`, `name_unknown`, `auth`, `host_key_…`, and `secret_missing` for a key that cannot be read.
 */
export async function connectSsh(
  target: Target,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Transport> {
  const place = `${target.address}:${target.port}`;
  const pins = readPins(place, target.hostKeys);
  refuseUnusableKey(credentials);
  const limit = options.limit ?? ((run) => run());
  return limit(() => open(target, place, pins, credentials, options));
}

async function open(
  target: Target,
  place: string,
  pins: Pin[],
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Transport> {
  const deadline = AbortSignal.timeout(options.timeout);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  const socket = connectSocket({ host: target.address, port: target.port, noDelay: true });
  const client = new Client();
  let refusal: GofleetError | undefined;
  const config: ConnectConfig = {
    sock: socket,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: KEEPALIVE,
    keepaliveCountMax: 3,
    algorithms: algorithms([...new Set(pins.flatMap(({ type }) => KEY_TYPES[type] ?? []))]),
    hostVerifier: (key: Buffer) => {
      if (pins.some((pin) => pin.key.equals(key))) return true;
      refusal = changed(place, pins, key);
      return false;
    },
    authHandler: loginWith(target.user, credentials),
  };
  try {
    await ready(client, socket, config, signal);
    return sshTransport(client, socket, place);
  } catch (error) {
    client.destroy();
    socket.destroy();
    if (refusal) throw refusal;
    if (options.signal?.aborted) throw stopped(place, options.signal);
    if (deadline.aborted)
      throw connectionError(place, new Error(`Timed out after ${options.timeout} ms`));
    throw connectionError(place, error);
  }
}

/** Resolves when the login is done. Errors that come later find a listener too. */
function ready(
  client: Client,
  socket: Socket,
  config: ConnectConfig,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const done = () => signal.removeEventListener('abort', abort);
    socket.on('error', reject);
    client.on('error', reject);
    client.once('close', () => {
      done();
      reject(new Error('the host closed the connection'));
    });
    client.once('ready', () => {
      done();
      resolve();
    });
    socket.once('connect', () => client.connect(config));
  });
}

/**
 * The key first, then the password; each is tried once, so that a wrong one does not lock an account. A host
 * that takes passwords only when it asks for them is answered.
 */
function loginWith(username: string, { privateKey, password }: Credentials): AuthHandlerMiddleware {
  const tried = new Set<string>();
  return (left: string[] | null, _partial, next) => {
    const offered = (method: string) => !left || left.length === 0 || left.includes(method);
    const fresh = (method: string) => offered(method) && !tried.has(method);
    const refused = tried.has('password') && offered('password');
    const method = methods().find(({ type }) => fresh(type) && !refused);
    if (method) tried.add(method.type);
    next(method ?? NO_MORE);
  };

  function methods(): AnyAuthMethod[] {
    const key: AnyAuthMethod[] = privateKey
      ? [{ type: 'publickey', username, key: privateKey }]
      : [];
    if (password === undefined) return key;
    const prompt: KeyboardInteractiveAuthMethod['prompt'] = (_n, _i, _l, prompts, finish) =>
      finish(prompts.map(() => password));
    return [
      ...key,
      { type: 'password', username, password },
      { type: 'keyboard-interactive', username, prompt },
    ];
  }
}

function refuseUnusableKey({ privateKey }: Credentials): void {
  if (!privateKey) return;
  const key = ssh2.utils.parseKey(privateKey);
  if (!(key instanceof Error)) return;
  throw new GofleetError('secret_missing', `the private key cannot be used: ${key.message}`, {
    remedy: 'Give the worker a private key in OpenSSH or PEM form that has no passphrase.',
  });
}

function changed(place: string, pins: Pin[], key: Buffer): GofleetError {
  const pinned = pins.map((pin) => fingerprint(pin.key)).join(' or ');
  return new GofleetError(
    'host_key_changed',
    `${place} shows the host key ${fingerprint(key)}; pinned is ${pinned}`,
    {
      remedy:
        'Find out on the host itself why its key changed. Only if the change is meant, scan again and compare.',
    },
  );
}

function stopped(place: string, signal: AbortSignal): GofleetError {
  return new GofleetError('stopped', `${place}: stopped while connecting, as asked`, {
    remedy: 'Resume the rollout.',
    details: { reason: String(signal.reason) },
  });
}
