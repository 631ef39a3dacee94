import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
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

/**
 * Opens what carries a session: a socket, or a channel through another host and then what carries that one, down to
 * the socket.
 */
export type Carrier = (signal: AbortSignal) => Promise<Carried>;
export type Carried = [Duplex, ...Duplex[]];

export interface ConnectOptions {
  /** Milliseconds for all of it: socket, handshake, login. */
  timeout: number;
  signal?: AbortSignal | undefined;
  /** At most so many handshakes are in progress in a process: they are what costs. Shared by all connections. */
  limit?: <T>(run: () => Promise<T>) => Promise<T>;
  /** Absent: a socket to the address. */
  carrier?: Carrier;
  /** Milliseconds between signs of life, and how many may stay without an answer. */
  keepalive?: { every: number; count: number };
}

/** A session that is logged in. */
export interface Session {
  client: Client;
  carried: Carried;
  /** `address:port`, for messages. */
  place: string;
}

/** What ssh2 takes for the end of the methods; its types do not know. */
const NO_MORE = false as never;

/** The third sign of life that stays without an answer ends the connection. */
const KEEPALIVE = { every: 10_000, count: 3 };

/**
 * Connects and logs in. The host proves its pinned key before any credential leaves. Throws `refused`, `timeout`,
 * `cut`, `name_unknown`, `auth`, `host_key_…`, and `secret_missing` for a key that cannot be read.
 */
export async function connectSsh(
  target: Target,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Transport> {
  const { client, carried, place } = await openSession(target, credentials, options);
  return sshTransport(client, carried, place);
}

/** The same, for those who do other things with it than run commands. */
export async function openSession(
  target: Target,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Session> {
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
): Promise<Session> {
  const deadline = AbortSignal.timeout(options.timeout);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  const { carrier = overTcp(target), keepalive = KEEPALIVE } = options;
  const client = new Client();
  let carried: Carried | undefined;
  let refusal: GofleetError | undefined;
  const config: ConnectConfig = {
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: keepalive.every,
    keepaliveCountMax: keepalive.count,
    algorithms: algorithms([...new Set(pins.flatMap(({ type }) => KEY_TYPES[type] ?? []))]),
    hostVerifier: (key: Buffer) => {
      if (pins.some((pin) => pin.key.equals(key))) return true;
      refusal = changed(place, pins, key);
      return false;
    },
    authHandler: loginWith(target.user, credentials),
  };
  try {
    carried = await carrier(signal);
    await ready(client, carried[0], config, signal);
    return { client, carried, place };
  } catch (error) {
    client.destroy();
    carried?.[0].destroy();
    if (refusal) throw refusal;
    if (options.signal?.aborted) throw stopped(place, options.signal);
    if (deadline.aborted)
      throw connectionError(place, new Error(`Timed out after ${options.timeout} ms`));
    throw connectionError(place, error);
  }
}

/** A socket from here. */
function overTcp({ address, port }: Target): Carrier {
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = connectSocket({ host: address, port, noDelay: true });
      const abort = () => {
        socket.destroy();
        reject(new Error('aborted'));
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      const done = () => signal.removeEventListener('abort', abort);
      socket.on('error', (error) => {
        done();
        reject(error);
      });
      socket.once('connect', () => {
        done();
        resolve([socket]);
      });
    });
}

/** Resolves when the login is done. Errors that come later find a listener too. */
function ready(
  client: Client,
  stream: Duplex,
  config: ConnectConfig,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('aborted'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const done = () => signal.removeEventListener('abort', abort);
    stream.on('error', reject);
    client.on('error', reject);
    client.once('close', () => {
      done();
      reject(new Error('the host closed the connection'));
    });
    client.once('ready', () => {
      done();
      resolve();
    });
    client.connect({ ...config, sock: stream });
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
