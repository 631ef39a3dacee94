import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GofleetError } from '#errors';
import type { ClientChannel } from 'ssh2';
import { openSession, type Carrier, type Session } from './connect.ts';
import { openFailure } from './errors.ts';

/** Often enough that a session through it that fails soon knows whose fault that is. */
const KEEPALIVE = { every: 4000, count: 7 };
const SILENT_AFTER = KEEPALIVE.every * (KEEPALIVE.count + 1);
/** What went through it may hear of its end before it does. */
const MOMENT = 50;

/** A session with a jump host, shared by all that goes through it. */
export interface JumpConnection {
  /** A channel through it to an address that it can reach. Throws what the host beyond did. */
  to(address: string, port: number): Carrier;
  /** Whether it still answers; takes as long as it takes to know. */
  alive(): Promise<boolean>;
  isOpen(): boolean;
  /** Called once, when it has ended. */
  onEnd(call: () => void): void;
  close(): void;
}

/** Logs in to a jump host. Throws as `connectSsh` does. */
export async function connectJump(...how: Parameters<typeof openSession>): Promise<JumpConnection> {
  const [target, credentials, options] = how;
  return toConnection(await openSession(target, credentials, { ...options, keepalive: KEEPALIVE }));
}

function toConnection({ client, carried }: Session): JumpConnection {
  const ended = new AbortController();
  const [stream] = carried;
  stream.once('close', () => ended.abort());
  client.once('close', () => ended.abort());
  client.on('error', () => ended.abort());
  const isOpen = () => !ended.signal.aborted;

  function forward(address: string, port: number): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, address, port, (error, channel) =>
        error ? reject(openFailure(`${address}:${port}`, error)) : resolve(channel),
      );
    });
  }

  return {
    to: (address, port) => (signal) =>
      new Promise((resolve, reject) => {
        const abort = () => reject(new Error('aborted'));
        const over = AbortSignal.any([signal, ended.signal]);
        if (over.aborted) return abort();
        over.addEventListener('abort', abort, { once: true });
        void forward(address, port)
          .then(
            (channel) => (over.aborted ? channel.destroy() : resolve([channel, ...carried])),
            reject,
          )
          .finally(() => over.removeEventListener('abort', abort));
      }),
    async alive() {
      await sleep(MOMENT);
      return isOpen() && heardOf(stream, ended.signal);
    },
    isOpen,
    onEnd: (call) => ended.signal.addEventListener('abort', call, { once: true }),
    close: () => client.end(),
  };
}

/** Whether anything comes before it ends or is silent for too long. */
function heardOf(stream: Duplex, ended: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (heard: boolean) => {
      clearTimeout(timer);
      stream.off('data', come);
      ended.removeEventListener('abort', gone);
      resolve(heard);
    };
    const come = () => answer(true);
    const gone = () => answer(false);
    const timer = setTimeout(gone, SILENT_AFTER);
    stream.on('data', come);
    ended.addEventListener('abort', gone, { once: true });
  });
}

/** What broke at a jump host, or between it and us: no fault of the host behind it. */
export function jumpFault(name: string, { code, message, remedy, ...rest }: GofleetError) {
  return new GofleetError(code, `jump host ${name}: ${message}`, {
    remedy: remedy.replace('the host ', 'the jump host '),
    retryable: rest.retryable,
    details: { ...rest.details, jump: name },
    cause: rest.cause,
  });
}
