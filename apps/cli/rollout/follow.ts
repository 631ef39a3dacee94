import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, Rollout } from '#api';
import { isGofleetError } from '#errors';
import type { Client } from '../client/client.ts';
import { followEvents } from '../client/events.ts';
import { rolloutPath } from './paths.ts';

export interface FollowOptions {
  /** Told of every event, once. */
  event?: (event: EventRecord) => void;
  /** The controller went away, or is there again. */
  gone?: (error: Error) => void;
  back?: () => void;
  /** Milliseconds: the least between two looks, the most without an event, how long an absent controller is waited for. */
  least?: number;
  most?: number;
  patience?: number;
}

const USUAL = { least: 300, most: 5000, patience: 300_000 };

/**
 * A rollout as it stands now and after each change, without end. Events only say when to look again: what is told is
 * always what the controller says of the whole, so that a lost event or a restart leaves no wrong picture.
 */
export async function* followRollout(
  client: Client,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<Rollout> {
  const { least, most } = { ...USUAL, ...options };
  const ended = new AbortController();
  const { signal } = ended;
  try {
    yield await client.get<Rollout>(rolloutPath(id));
    const bell = openBell();
    void listen(client, id, signal, (event) => {
      options.event?.(event);
      bell.ring();
    });
    for (;;) {
      await bell.wait(most);
      await sleep(least);
      yield await look(client, id, options);
    }
  } finally {
    ended.abort();
  }
}

/** An event stream that cannot be had (a proxy that buffers, say) makes the picture slower, not wrong. */
async function listen(
  client: Client,
  id: string,
  signal: AbortSignal,
  heard: (event: EventRecord) => void,
): Promise<void> {
  try {
    for await (const event of followEvents(client, rolloutPath(id, 'events'), { signal }))
      heard(event);
  } catch (error) {
    if (!isGofleetError(error)) throw error;
  }
}

/** Asks until there is an answer, as long as there is patience. */
async function look(client: Client, id: string, options: FollowOptions): Promise<Rollout> {
  const { patience } = { ...USUAL, ...options };
  const until = performance.now() + patience;
  for (let tries = 0; ; tries += 1) {
    try {
      const rollout = await client.get<Rollout>(rolloutPath(id));
      if (tries > 0) options.back?.();
      return rollout;
    } catch (error) {
      const waits = isGofleetError(error) && error.retryable && performance.now() < until;
      if (!waits) throw error;
      if (tries === 0) options.gone?.(error);
      await sleep(Math.min(250 * 2 ** tries, 2000));
    }
  }
}

/** Rings that come while nobody waits are one ring. */
function openBell() {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring(): void {
      rung = true;
      wake?.();
    },
    async wait(most: number): Promise<void> {
      if (!rung) {
        const rings = new Promise<void>((resolve) => (wake = resolve));
        const stop = new AbortController();
        const late = sleep(most, undefined, { signal: stop.signal });
        await Promise.race([rings, late.catch(() => {})]);
        stop.abort();
      }
      rung = false;
      wake = undefined;
    },
  };
}
