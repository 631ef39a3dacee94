import { expect, it } from 'vitest';
import type { EventRecord } from '#api';
import { trimEvents } from '../../libs/conductor/events/trim.ts';
import { createStand, type Stand } from './stand.ts';

const never = new AbortController().signal;

async function follow({ conductor }: Stand, id: string, after = 0): Promise<EventRecord[]> {
  return Array.fromAsync(conductor.followEvents(id, after, never));
}

async function ended(stand: Stand, prefix = 'h'): Promise<string> {
  const { id } = await stand.create({ prefix });
  await stand.runUntil(id, 'succeeded');
  return id;
}

/** Keeps so many of the newest events. */
async function keep({ ledger }: Stand, kept: number): Promise<void> {
  await trimEvents({ write: (job) => ledger.write(job) }, kept);
}

it('ends with `end`, and so does one who had heard everything', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const id = await ended(stand);
  const events = await follow(stand, id);
  const [last, end] = events.slice(-2);
  expect(events.map(({ type }) => type)).not.toContain('reset');
  expect(end).toMatchObject({ type: 'end', rollout: id, id: last?.id });
  const again = await follow(stand, id, end?.id);
  expect(again.map(({ type }) => type)).toEqual(['end']);
});

it('forgets the oldest events, and begins with `reset` for who missed some of them', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const id = await ended(stand);
  const all = await follow(stand, id);
  await keep(stand, 10);
  const late = await follow(stand, id);
  const [reset, ...rest] = late;
  expect(reset?.type).toBe('reset');
  expect(rest).toHaveLength(11);
  expect(rest.slice(0, -1)).toEqual(all.slice(-11, -1));
  expect(reset?.id).toBe((rest[0]?.id ?? 0) - 1);
  const fromReset = await follow(stand, id, reset?.id);
  expect(fromReset.map(({ id: event }) => event)).toEqual(rest.map(({ id: event }) => event));
});

it('says no `reset` to who heard of the last that was forgotten', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const id = await ended(stand);
  const all = await follow(stand, id);
  await keep(stand, 10);
  const heard = all.at(-12)?.id ?? 0;
  const types = (await follow(stand, id, heard)).map(({ type }) => type);
  expect(types).not.toContain('reset');
  expect(types).toHaveLength(11);
  expect((await follow(stand, id, heard - 1))[0]?.type).toBe('reset');
});

it('says no `reset` of a rollout that is younger than what was forgotten', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await ended(stand);
  await stand.run(5);
  const id = await ended(stand, 'x');
  const own = await follow(stand, id);
  await keep(stand, own.length + 2);
  expect((await follow(stand, id))[0]?.type).toBe('rollout.state');
});

it('says `reset` to a follower that was too slow, and none to one that only had nothing to hear', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ batches: [{ size: 3, delay: '10m' }, { size: 9 }] });
  await stand.run(20, async () => (await stand.get(id)).batches[0]?.state === 'passed');
  await stand.act(id, { kind: 'pause' });
  const heard: string[] = [];
  const ending = new AbortController();
  const quiet = (async () => {
    for await (const { type } of stand.conductor.followEvents(id, 0, ending.signal))
      heard.push(type);
  })();
  const slow = stand.conductor.followEvents(id, 0, never)[Symbol.asyncIterator]();
  expect((await slow.next()).value).toMatchObject({ type: 'rollout.state' });
  await stand.settled();
  await ended(stand, 'other');
  await keep(stand, 5);
  await stand.act(id, {
    kind: 'abort',
    inflight: 'drain',
    rollback: 'none',
    stopRollback: false,
  });
  await stand.runUntil(id, 'aborted');
  await quiet;
  expect(heard).not.toContain('reset');
  expect(heard.at(-1)).toBe('end');
  const rest = await Array.fromAsync({ [Symbol.asyncIterator]: () => slow });
  expect(rest.map(({ type }) => type)).toContain('reset');
  expect(rest.at(-1)?.type).toBe('end');
});
