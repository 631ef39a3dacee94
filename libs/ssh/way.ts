import { createHash } from 'node:crypto';
import { GofleetError, isGofleetError, toGofleetError } from '#errors';
import pLimit from 'p-limit';
import type { ConnectOptions, Credentials } from './connect.ts';
import { resolveCredentials, type SecretPlaces } from './credentials.ts';
import { connectJump, jumpFault, type JumpConnection } from './jump-connection.ts';

/** A jump host as a claim names it: keys and secrets are names. */
export interface JumpNames {
  name: string;
  groups: readonly string[];
  address: string;
  port: number;
  user?: string | undefined;
  keyFile?: string | undefined;
  password?: string | undefined;
  hostKeys: readonly string[];
}

/** Milliseconds that a connection stays open without use. */
const IDLE = 60_000;
/** All who asked at that moment hear the same of a jump host that failed. */
const SAME_FAULT = 1000;
/** A login that was refused is not tried again with the same key and password for so long: accounts get locked. */
const SAME_LOGIN = 600_000;

/** Somebody's use of a connection; `done` once it is over. */
export interface Used {
  jump: JumpConnection;
  done(): void;
}

/** One jump host and what leads to it. */
export interface Way {
  name: string;
  /** Its connection, opened where there is none; throws what broke on the way, with `details.jump`. */
  use(options: Pick<ConnectOptions, 'timeout' | 'signal'>): Promise<Used>;
  /** Runs it when fewer than so many run here, and on the way here. */
  handshake<T>(most: number, run: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface WayOptions {
  places: SecretPlaces;
  /** Who logs in where nobody is named. */
  user: string;
  limit?: ConnectOptions['limit'];
}

/** Opens nothing yet. */
export function newWay(jump: JumpNames, before: Way | undefined, options: WayOptions): Way {
  const limit = pLimit(1);
  let opening: Promise<JumpConnection> | undefined;
  let failed: { at: number; login: string; error: GofleetError } | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  function connection(timeout: number): Promise<JumpConnection> {
    if (opening) return opening;
    const mine = open(timeout);
    const forget = () => {
      if (opening === mine) opening = undefined;
    };
    void mine.then((opened) => opened.onEnd(forget), forget);
    opening = mine;
    return mine;
  }

  async function open(timeout: number): Promise<JumpConnection> {
    const names = { ...jump, jumps: before ? [before] : [] };
    const { address, credentials } = await resolveCredentials(
      { ...jump, connection: names },
      options.places,
    );
    const login = digest(credentials);
    refuseSame(login);
    const how = { timeout, ...(options.limit && { limit: options.limit }) };
    const used = await before?.use(how);
    const carrier = used?.jump.to(address, jump.port);
    const target = { ...jump, address, user: jump.user ?? options.user };
    try {
      const opened = await connectJump(target, credentials, {
        ...how,
        ...(carrier && { carrier }),
      });
      opened.onEnd(() => used?.done());
      return opened;
    } catch (error) {
      const fault = before && used ? await wayFault(error, before.name, used.jump) : error;
      used?.done();
      failed = { at: performance.now(), login, error: toGofleetError(fault) };
      throw fault;
    }
  }

  /** Right after it failed nobody tries anew, and with what was refused nobody for long. */
  function refuseSame(login: string): void {
    if (!failed) return;
    const refused = failed.error.code === 'auth' && failed.login === login;
    if (performance.now() - failed.at < (refused ? SAME_LOGIN : SAME_FAULT)) throw failed.error;
  }

  function free(): void {
    users -= 1;
    if (users > 0) return;
    idle = setTimeout(() => void close(), IDLE);
    idle.unref();
  }

  async function close(): Promise<void> {
    clearTimeout(idle);
    const opened = await opening?.catch(() => undefined);
    opened?.close();
  }

  return {
    name: jump.name,
    async use({ timeout, signal }) {
      clearTimeout(idle);
      users += 1;
      const done = once(free);
      try {
        return { jump: await orStopped(connection(timeout), signal), done };
      } catch (error) {
        done();
        const fault = toGofleetError(error);
        const told = fault.code === 'stopped' || typeof fault.details['jump'] === 'string';
        throw told ? fault : jumpFault(jump.name, fault);
      }
    },
    handshake(most, run) {
      limit.concurrency = most;
      const here = () => limit(run);
      return before ? before.handshake(most, here) : here();
    },
    close,
  };
}

/** What broke a connection through a jump host: that one, or what lies behind it. */
export async function wayFault(
  error: unknown,
  name: string,
  jump: JumpConnection,
): Promise<unknown> {
  if (!isGofleetError(error)) return error;
  if (error.details['jump'] === true) return jumpFault(name, error);
  if (error.code !== 'cut' && error.code !== 'timeout') return error;
  return (await jump.alive()) ? error : jumpFault(name, error);
}

function digest({ privateKey, password = '' }: Credentials): string {
  return createHash('sha256')
    .update(privateKey ?? '')
    .update(`\0${password}`)
    .digest('hex');
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
  };
}

/** Others may wait for it too: only this wait ends. */
function orStopped<T>(wanted: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return wanted;
  return new Promise((resolve, reject) => {
    const stop = () =>
      reject(
        new GofleetError('stopped', 'stopped while connecting, as asked', {
          remedy: 'Resume the rollout.',
          details: { reason: String(signal.reason) },
        }),
      );
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    void wanted.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
