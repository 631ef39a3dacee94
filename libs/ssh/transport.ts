import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GofleetError } from '#errors';
import type { Command, ExecOptions, Payload, RemoteResult, Transport } from '#operations';
import type { Client, ClientChannel } from 'ssh2';
import { connectionError } from './errors.ts';

const MOST_STDOUT = 8 * 1024 * 1024;
const MOST_STDERR = 64 * 1024;
/** ssh2 does not look whether what carries it takes what it is given; beyond this many bytes we wait for it. */
const MOST_UNSENT = 256 * 1024;
/** Milliseconds. */
const LOOK_AGAIN = 20;
/** Milliseconds that a host gets to say goodbye. */
const GOODBYE = 500;

/** An open connection as a Transport. One exec at a time uses little memory: one chunk and what carries it holds. */
export function sshTransport(client: Client, carried: readonly Duplex[], place: string): Transport {
  let broken: unknown;
  client.on('error', (error) => {
    broken ??= error;
  });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));

  async function exec(command: Command, options: ExecOptions): Promise<RemoteResult> {
    const deadline = AbortSignal.timeout(options.timeout);
    const signals = options.signal ? [deadline, options.signal] : [deadline];
    const ended = new AbortController();
    const over = AbortSignal.any([...signals, ended.signal]);
    void closed.then(() => ended.abort());
    try {
      const channel = await orOver(openChannel(client, command.script), over);
      return await converse(channel, carried, options, over);
    } catch (error) {
      // the remote script reads the end of its input, and nothing of this exec goes on here
      client.destroy();
      if (options.signal?.aborted) throw stopped(place, options.signal);
      if (deadline.aborted)
        throw connectionError(place, new Error(`Timed out after ${options.timeout} ms`));
      throw connectionError(place, broken ?? error);
    }
  }

  async function close(): Promise<void> {
    client.end();
    await Promise.race([closed, sleep(GOODBYE)]);
    client.destroy();
    for (const stream of carried.slice(0, 1)) stream.destroy();
  }

  return { exec, [Symbol.asyncDispose]: close };
}

function openChannel(client: Client, script: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(script, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Sends the input and takes the output, until the channel is closed from the other side. */
async function converse(
  channel: ClientChannel,
  carried: readonly Duplex[],
  { stdin }: ExecOptions,
  over: AbortSignal,
): Promise<RemoteResult> {
  const out: Buffer[] = [];
  let outBytes = 0;
  let stderr = Buffer.alloc(0);
  let code: number | undefined;
  let signal: string | undefined;
  channel.on('data', (chunk: Buffer) => {
    outBytes += chunk.length;
    if (outBytes <= MOST_STDOUT) out.push(chunk);
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-MOST_STDERR);
  });
  channel.on('error', () => undefined);
  channel.on('exit', (exitCode: number | null, exitSignal?: string) => {
    code = exitCode ?? undefined;
    signal = exitSignal;
  });
  const finished = new AbortController();
  const closed = new Promise<void>((resolve) => {
    channel.once('close', () => {
      finished.abort();
      resolve();
    });
  });
  await send(channel, carried, stdin, AbortSignal.any([over, finished.signal]));
  await orOver(closed, over);
  return {
    code,
    signal,
    stdout: Buffer.concat(out).toString('utf8'),
    stderr: stderr.toString('utf8'),
  };
}

/** Writes a piece when the one before is on its way, so that a slow host holds one piece and not a blob. */
async function send(
  channel: ClientChannel,
  carried: readonly Duplex[],
  stdin: Payload | string | undefined,
  over: AbortSignal,
): Promise<void> {
  if (typeof stdin === 'object') {
    let sent = 0;
    for await (const chunk of untilOver(stdin.read(), over)) {
      const rest = chunk.subarray(0, stdin.size - sent);
      if (over.aborted || rest.length === 0) break;
      for (const stream of carried) await drained(stream, over);
      await written(channel, rest, over);
      if (over.aborted) break;
      sent += rest.length;
      stdin.progress?.(sent);
    }
    if (!over.aborted && sent < stdin.size)
      throw new GofleetError('blob_corrupt', `a blob ended after ${sent} of ${stdin.size} bytes`, {
        remedy: 'Look at the store of the worker; import the bundle again if a file is broken.',
      });
  } else if (stdin !== undefined) {
    await written(channel, Buffer.from(stdin), over);
  }
  if (!over.aborted) channel.end();
}

/** The pieces, and no waiting for the next one once it is over. */
async function* untilOver(
  pieces: AsyncIterable<Uint8Array>,
  over: AbortSignal,
): AsyncIterable<Uint8Array> {
  const reading = pieces[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await orOver(reading.next(), over).catch((error: unknown) => {
        if (over.aborted) return END;
        throw error;
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    void reading.return?.();
  }
}

const END = { done: true, value: undefined } as const;

/** Resolves when the piece was taken, or when nobody will take it any more. */
function written(channel: ClientChannel, chunk: Uint8Array, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      over.removeEventListener('abort', done);
      resolve();
    };
    if (over.aborted || !channel.writable) return done();
    over.addEventListener('abort', done, { once: true });
    channel.write(chunk, done);
  });
}

/** A channel that carries it says nothing before its whole window is free, so it is looked at now and then. */
async function drained(stream: Duplex, over: AbortSignal): Promise<void> {
  while (stream.writableLength >= MOST_UNSENT && !over.aborted) {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        stream.off('drain', done);
        over.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, LOOK_AGAIN);
      stream.once('drain', done);
      over.addEventListener('abort', done, { once: true });
    });
  }
}

/** Waits for it, or rejects when it is over. */
function orOver<T>(wanted: Promise<T>, over: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error('the connection was closed'));
    if (over.aborted) return end();
    over.addEventListener('abort', end, { once: true });
    void wanted.then(resolve, reject).finally(() => over.removeEventListener('abort', end));
  });
}

function stopped(place: string, signal: AbortSignal): GofleetError {
  return new GofleetError('stopped', `${place}: stopped as asked`, {
    remedy: 'Resume the rollout; what was uploaded is kept.',
    details: { reason: String(signal.reason) },
  });
}
