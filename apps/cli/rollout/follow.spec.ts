import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, Rollout } from '#api';
import { describe, expect, it } from 'vitest';
import { openClient } from '../client/client.ts';
import { followEvents } from '../client/events.ts';
import { rolloutOf } from '../../../test/cli/rollout.ts';
import { json, serve, type Asked, type Reply } from '../../../test/cli/serve.ts';
import { followRollout } from './follow.ts';

function clientOf(url: string) {
  return openClient(() => Promise.resolve({ url, token: undefined }));
}

function event(id: number, type = 'host.state'): string {
  const record = { id, at: '', type, rollout: 'x', batch: null, host: null, details: {} };
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(record)}\n\n`;
}

function stream(response: ServerResponse, ...events: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const each of events) response.write(each);
}

describe('followEvents', () => {
  it('goes on after the last event when the connection is cut, until the end', async () => {
    const server = await serve(({ headers }, response) => {
      if (headers['last-event-id'] === undefined) {
        stream(response, event(7), event(8));
        setTimeout(() => response.destroy(), 20);
      } else {
        stream(response, ': still here\n\n', event(9), event(10, 'end'));
      }
    });
    const heard: number[] = [];
    const { signal } = new AbortController();
    for await (const { id } of followEvents(clientOf(server.url), '/events', { signal, pause: 5 }))
      heard.push(id);
    expect(heard).toEqual([7, 8, 9, 10]);
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '8']);
  });

  it('does not ask again where it may not', async () => {
    const server = await serve((_, response) =>
      json(response, 403, { code: 'forbidden', detail: 'no', remedy: 'none' }),
    );
    const { signal } = new AbortController();
    const events = followEvents(clientOf(server.url), '/events', { signal, pause: 5 });
    await expect(events.next()).rejects.toMatchObject({ code: 'forbidden' });
    expect(server.asked).toHaveLength(1);
  });
});

describe('followRollout', () => {
  /** A controller whose rollout is at 10 % more with every look. */
  function progressing(): Reply {
    let looks = 0;
    return ({ path }: Asked, response) => {
      if (path.endsWith('/events')) stream(response, event(looks), event(looks + 1));
      else json(response, 200, rolloutOf({ percentComplete: 10 * looks++ }));
    };
  }

  async function take(count: number, rollouts: AsyncIterable<Rollout>): Promise<number[]> {
    const seen: number[] = [];
    for await (const { percentComplete } of rollouts) {
      seen.push(percentComplete);
      if (seen.length === count) break;
    }
    return seen;
  }

  it('looks again when something happened, and tells each event once', async () => {
    const server = await serve(progressing());
    const events: EventRecord[] = [];
    const rollouts = followRollout(clientOf(server.url), 'x', {
      least: 10,
      most: 60_000,
      event: (one) => events.push(one),
    });
    expect(await take(2, rollouts)).toEqual([0, 10]);
    expect(events.map(({ type }) => type)).toEqual(['host.state', 'host.state']);
  });

  it('looks now and then where no event arrives', async () => {
    const server = await serve(({ path }, response) => {
      if (path.endsWith('/events')) stream(response, ': nothing\n\n');
      else json(response, 200, rolloutOf());
    });
    const rollouts = followRollout(clientOf(server.url), 'x', { least: 1, most: 30 });
    expect(await take(3, rollouts)).toHaveLength(3);
  });

  it('waits for a controller that is started again', async () => {
    const reply = progressing();
    const first = await serve(reply);
    const told: string[] = [];
    const rollouts = followRollout(clientOf(first.url), 'x', {
      least: 1,
      most: 20,
      gone: () => told.push('gone'),
      back: () => told.push('back'),
    });
    expect(await take(1, { [Symbol.asyncIterator]: () => keepOpen(rollouts) })).toEqual([0]);
    await first.stop();
    const next = rollouts.next();
    await sleep(200);
    await serve(reply, first.port);
    expect((await next).done).toBe(false);
    expect(told).toEqual(['gone', 'back']);
    await rollouts.return(undefined);
  });

  it('gives up when its patience is over', async () => {
    const server = await serve(progressing());
    const rollouts = followRollout(clientOf(server.url), 'x', { least: 1, most: 10, patience: 50 });
    await rollouts.next();
    await server.stop();
    await expect(rollouts.next()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** The same iterator, which a `break` does not end. */
function keepOpen<T>(iterator: AsyncGenerator<T>): AsyncIterator<T> {
  return { next: () => iterator.next() };
}
