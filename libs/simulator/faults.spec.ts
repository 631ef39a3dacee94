import { expect, it } from 'vitest';
import { drawLot, NO_FAULTS, type Faults } from './faults.ts';

const HOSTS = 4000;
const RACK = 20;

function fates(faults: Partial<Faults>): string[] {
  return Array.from({ length: HOSTS }, (_, number) => {
    const rack = `rack-${Math.floor(number / RACK)}`;
    return drawLot('seed', `h${number}`, rack, { ...NO_FAULTS, ...faults }).fate;
  });
}

function share(all: string[], fate: string): number {
  return all.filter((each) => each === fate).length / all.length;
}

it.each([0, 0.7])('draws fates at their rates, with a correlation of %d', (correlation) => {
  const all = fates({ failureRate: 0.2, unreachableRate: 0.1, correlation });
  expect(share(all, 'well')).toBeCloseTo(0.7, 1);
  expect(share(all, 'unreachable')).toBeCloseTo(0.1, 1);
  expect(share(all, 'fails_check')).toBeCloseTo(0.15, 1);
});

it('lets all hosts of a rack fare alike where they are wholly correlated', () => {
  const all = fates({ failureRate: 0.3, correlation: 1 });
  for (let first = 0; first < HOSTS; first += RACK)
    expect(new Set(all.slice(first, first + RACK)).size).toBe(1);
  expect(new Set(all).size).toBeGreaterThan(1);
});

it('draws durations of which half are below p50 and nine of ten below p90', () => {
  const durations = { p50: 30_000, p90: 90_000 };
  const whole = Array.from({ length: HOSTS }, (_, number) => {
    const lot = drawLot('seed', `h${number}`, undefined, { ...NO_FAULTS, durations });
    return lot.connect + lot.stage + lot.switch + lot.check;
  });
  const below = (limit: number) => whole.filter((each) => each <= limit).length / HOSTS;
  expect(below(durations.p50)).toBeCloseTo(0.5, 1);
  expect(below(durations.p90)).toBeCloseTo(0.9, 1);
});

it('gives a host the same lot whenever it is asked', () => {
  const faults = { ...NO_FAULTS, failureRate: 0.5 };
  expect(drawLot('seed', 'h1', 'rack', faults)).toEqual(drawLot('seed', 'h1', 'rack', faults));
});
