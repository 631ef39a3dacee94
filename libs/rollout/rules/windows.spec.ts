import { tuple, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowAt, type Window } from '../index.ts';

const MINUTE = 60_000;

/** [case, window, zone, now, open?, when it opens or the last start]; all instants in UTC, hosts take 30 minutes. */
type Case = [name: string, window: Window, zone: string, now: string, open: boolean, at: string];

const NIGHT: Window = { from: '01:00', to: '05:00' };
const WRAPPED: Window = { from: '22:00', to: '04:00' };
const SATURDAY: Window = { ...WRAPPED, days: ['sat'] };
const WHOLE: Window = { from: '00:00', to: '00:00' };

const CASES: Case[] = [
  ['before it', NIGHT, 'UTC', '2026-12-01T00:59:59Z', false, '2026-12-01T01:00:00Z'],
  ['from its first instant', NIGHT, 'UTC', '2026-12-01T01:00:00Z', true, '2026-12-01T04:30:00Z'],
  ['as long as a host fits', NIGHT, 'UTC', '2026-12-01T04:30:00Z', true, '2026-12-01T04:30:00Z'],
  ['a moment later', NIGHT, 'UTC', '2026-12-01T04:30:00.001Z', false, '2026-12-02T01:00:00Z'],
  ['in its zone', NIGHT, 'Asia/Shanghai', '2026-12-01T17:00:00Z', true, '2026-12-01T20:30:00Z'],
  ['over midnight, before', WRAPPED, 'UTC', '2026-12-01T23:00:00Z', true, '2026-12-02T03:30:00Z'],
  ['over midnight, after', WRAPPED, 'UTC', '2026-12-01T01:00:00Z', true, '2026-12-01T03:30:00Z'],
  ['between two nights', WRAPPED, 'UTC', '2026-12-01T12:00:00Z', false, '2026-12-01T22:00:00Z'],
  ['to equal to from is a day', WHOLE, 'UTC', '2026-12-01T12:00:00Z', true, '2026-12-01T23:30:00Z'],
  // 2026-12-05 is a Saturday
  [
    'days are those it begins on',
    SATURDAY,
    'UTC',
    '2026-12-06T01:00:00Z',
    true,
    '2026-12-06T03:30:00Z',
  ],
  ['not those it ends on', SATURDAY, 'UTC', '2026-12-05T01:00:00Z', false, '2026-12-05T22:00:00Z'],
  ['a week on', SATURDAY, 'UTC', '2026-12-06T03:30:01Z', false, '2026-12-12T22:00:00Z'],
  // New York, 2026-03-08: 02:00 EST becomes 03:00 EDT (07:00Z)
  [
    'a start that does not exist is the next time that does, not half an hour later',
    { from: '02:30', to: '05:00' },
    'America/New_York',
    '2026-03-08T06:00:00Z',
    false,
    '2026-03-08T07:00:00Z',
  ],
  [
    'an end that does not exist is the next time that does',
    { from: '01:00', to: '02:30' },
    'America/New_York',
    '2026-03-08T06:15:00Z',
    true,
    '2026-03-08T06:30:00Z',
  ],
  [
    'one that falls into the gap as a whole is passed over',
    { from: '02:05', to: '02:55' },
    'America/New_York',
    '2026-03-08T05:00:00Z',
    false,
    '2026-03-09T06:05:00Z',
  ],
  [
    'one that the gap makes too short is passed over',
    { from: '01:45', to: '03:10' },
    'America/New_York',
    '2026-03-08T06:45:00Z',
    false,
    '2026-03-09T05:45:00Z',
  ],
  // New York, 2026-11-01: 02:00 EDT becomes 01:00 EST (06:00Z)
  [
    'a start that comes twice is the first',
    { from: '01:30', to: '03:00' },
    'America/New_York',
    '2026-11-01T05:30:00Z',
    true,
    '2026-11-01T07:30:00Z',
  ],
  [
    'an end that comes twice is the first',
    { from: '00:30', to: '01:30' },
    'America/New_York',
    '2026-11-01T05:00:00Z',
    true,
    '2026-11-01T05:00:00Z',
  ],
  [
    'and then it is over, though the clock shows it again',
    { from: '00:30', to: '01:30' },
    'America/New_York',
    '2026-11-01T06:00:00Z',
    false,
    '2026-11-02T05:30:00Z',
  ],
  // Lord Howe, 2026-10-04: 02:00 becomes 02:30
  [
    'a gap of half an hour',
    { from: '02:10', to: '04:00' },
    'Australia/Lord_Howe',
    '2026-10-03T15:00:00Z',
    false,
    '2026-10-03T15:30:00Z',
  ],
  // Samoa left out 2011-12-30 as a whole
  [
    'a day that does not exist',
    { from: '10:00', to: '12:00', days: ['fri'] },
    'Pacific/Apia',
    '2011-12-29T12:00:00Z',
    false,
    '2012-01-05T20:00:00Z',
  ],
];

describe('a host may start', () => {
  it.each(CASES)('%s', (_, window, planZone, now, open, at) => {
    const found = windowAt(
      [window],
      { planZone, hostZone: undefined },
      Date.parse(now),
      30 * MINUTE,
    );
    const instant = open ? found.shutsAt : found.opensAt;
    expect({ open: found.open, at: instant && new Date(instant).toISOString() }).toEqual({
      open,
      at: new Date(at).toISOString(),
    });
  });
});

describe('whose clock', () => {
  const at = Date.parse('2026-12-01T17:30:00Z');
  const zones = { planZone: 'Europe/Berlin', hostZone: 'Asia/Shanghai' };
  it.each([
    ['host', zones, true],
    ['host', { ...zones, hostZone: undefined }, false],
    ['host', { planZone: 'Asia/Shanghai', hostZone: undefined }, true],
    [undefined, zones, false],
    [undefined, { ...zones, planZone: 'Asia/Shanghai' }, true],
    ['Asia/Shanghai', { planZone: 'UTC', hostZone: 'UTC' }, true],
    [undefined, { planZone: undefined, hostZone: 'Asia/Shanghai' }, false],
  ])('timezone %s with %o', (timezone, given, open) => {
    const windows = [{ ...NIGHT, timezone }];
    expect(windowAt(windows, given, at, 30 * MINUTE).open).toBe(open);
  });
});

it('is open where any window is, and opens with the first', () => {
  const windows = [NIGHT, { from: '10:00', to: '11:00' }];
  const zones = { planZone: 'UTC', hostZone: undefined };
  const at = (time: string) =>
    windowAt(windows, zones, Date.parse(`2026-12-01T${time}:00Z`), 30 * MINUTE);
  expect(at('10:15').open).toBe(true);
  expect(at('06:00').opensAt).toBe(Date.parse('2026-12-01T10:00:00Z'));
  expect(at('12:00').opensAt).toBe(Date.parse('2026-12-02T01:00:00Z'));
});

it('says truly until when it holds, in every zone and at every change of the clock', () => {
  const time = tuple(integer({ min: 0, max: 23 }), integer({ min: 0, max: 59 })).map((parts) =>
    parts.map((part) => String(part).padStart(2, '0')).join(':'),
  );
  const zone = constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  const instant = integer({
    min: Date.parse('2026-01-01T00:00:00Z'),
    max: Date.parse('2027-12-31T00:00:00Z'),
  });
  assert(
    property(time, time, zone, instant, (from, to, planZone, now) => {
      const ask = (when: number) =>
        windowAt([{ from, to }], { planZone, hostZone: undefined }, when, MINUTE);
      const found = ask(now);
      const changes = found.open ? (found.shutsAt ?? NaN) + 1 : (found.opensAt ?? NaN);
      expect(changes).toBeGreaterThan(now);
      expect(ask(changes).open).toBe(!found.open);
      expect(ask(changes - 1).open).toBe(found.open);
    }),
    { numRuns: 300 },
  );
});
