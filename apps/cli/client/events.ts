import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord } from '#api';
import { toGofleetError } from '#errors';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { noAnswer, type Client } from './client.ts';

export interface FollowOptions {
  signal: AbortSignal;
  /** Milliseconds before another try, growing up to eight times that. */
  pause?: number;
}

/**
 * Events as the controller tells them, from now on or from where the last connection ended, until `end`. A controller
 * that goes away is waited for; what no later try can better (401, 404) is thrown.
 */
export async function* followEvents(
  client: Client,
  path: string,
  { signal, pause = 250 }: FollowOptions,
): AsyncGenerator<EventRecord> {
  let last: string | undefined;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const { id, event, data } of messages(client, path, last, signal)) {
        failures = 0;
        last = id ?? last;
        if (data !== '') yield JSON.parse(data) as EventRecord;
        if (event === 'end') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!toGofleetError(error).retryable) throw error;
    }
    await sleep(Math.min(pause * 2 ** failures, pause * 8), undefined, { signal }).catch(() => {});
  }
}

async function* messages(
  client: Client,
  path: string,
  last: string | undefined,
  signal: AbortSignal,
) {
  const headers = {
    accept: 'text/event-stream',
    ...(last === undefined ? {} : { 'last-event-id': last }),
  };
  const { body, url } = await client.call('GET', path, { headers, signal });
  if (!body) return;
  try {
    yield* body
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
      .pipeThrough(new EventSourceParserStream());
  } catch (error) {
    throw noAnswer(new URL(url).origin, error);
  }
}
