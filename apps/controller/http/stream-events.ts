import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { EventRecord } from '#api';

const TYPES = { sse: 'text/event-stream', ndjson: 'application/x-ndjson' } as const;
/** A comment from time to time tells both ends, and what is between them, that the stream lives. */
const COMMENT_EVERY = 15_000;

/** An answer that is written by hand. */
export interface Hijackable {
  raw: ServerResponse;
  hijack(): unknown;
}

/** Sends events as they come, no faster than the client reads them, until they end or it goes away. */
export async function streamEvents(
  reply: Hijackable,
  format: keyof typeof TYPES,
  stopping: AbortSignal,
  follow: (signal: AbortSignal) => AsyncIterable<EventRecord>,
): Promise<void> {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, stopping]);
  reply.hijack();
  const { raw } = reply;
  raw.once('close', () => gone.abort());
  raw.writeHead(200, {
    'content-type': `${TYPES[format]}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  const alive = setInterval(() => format === 'sse' && raw.write(': alive\n\n'), COMMENT_EVERY);
  try {
    await pipeline(lines(follow(signal), format), raw);
  } catch {
    raw.destroy();
  } finally {
    clearInterval(alive);
  }
}

async function* lines(
  events: AsyncIterable<EventRecord>,
  format: keyof typeof TYPES,
): AsyncGenerator<string> {
  for await (const event of events) {
    const json = JSON.stringify(event);
    yield format === 'ndjson'
      ? `${json}\n`
      : `id: ${event.id}\nevent: ${event.type}\ndata: ${json}\n\n`;
  }
}
