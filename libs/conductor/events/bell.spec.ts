import { expect, it } from 'vitest';
import { createFakeClock } from '../../../test/conductor/fake-clock.ts';
import { createBell } from './bell.ts';

const never = new AbortController().signal;

it('wakes all who wait, and who looked away when it rang', async () => {
  const bell = createBell(createFakeClock());
  const { rings } = bell;
  const waiting = bell.heard(never, 1000, rings);
  bell.ring();
  await waiting;
  await bell.heard(never, 1000, rings);
  expect(bell.rings).toBe(1);
});

it('wakes after a while, and when nobody wants to hear any more', async () => {
  const clock = createFakeClock();
  const bell = createBell(clock);
  let awake = 0;
  const wait = (signal: AbortSignal) => bell.heard(signal, 1000, bell.rings).then(() => awake++);
  const leaving = new AbortController();
  const both = [wait(never), wait(leaving.signal)];
  await clock.advance(999, async () => {});
  expect(awake).toBe(0);
  leaving.abort();
  await both[1];
  expect(awake).toBe(1);
  await clock.advance(1, async () => {});
  await Promise.all(both);
  expect(awake).toBe(2);
});
