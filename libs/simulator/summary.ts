import type { Simulation, SimulationBody } from '#api';
import { formatDuration } from '#units';
import type { RunResult } from './run.ts';

type Summary = Pick<Simulation, 'trips' | 'duration' | 'failed' | 'states' | 'hostStates'>;

/** What many runs come to. */
export function summarize(results: readonly RunResult[]): Summary {
  const trips = results.flatMap(({ trip }) => trip ?? []);
  const hosts = results.flatMap((result) => [...result.hosts.values()]);
  return {
    trips: {
      runs: trips.length,
      share: Math.round((trips.length / results.length) * 1000) / 1000,
      batches: tally(trips, ({ batch }) => batch)
        .map(([batch, runs]) => ({ batch, runs }))
        .toSorted((a, b) => a.batch - b.batch),
      rules: tally(trips, ({ code }) => code).map(([code, runs]) => ({ code, runs })),
      after: trips.length > 0 ? times(trips.map(({ at }) => at)) : null,
      touched: trips.length > 0 ? percentiles(trips.map(({ touched }) => touched)) : null,
    },
    duration: times(results.map(({ duration }) => duration)),
    failed: percentiles(results.map(failures)),
    states: tally(results, ({ rollout }) => rollout.state).map(([state, runs]) => ({
      state,
      runs,
    })),
    hostStates: tally(hosts, (state) => state).map(([state, of]) => ({ state, hosts: of })),
  };
}

/** What a simulation takes for true. */
export function describe(body: SimulationBody): string[] {
  const { failureRate, unreachableRate, slowRate, correlatedBy, durations } = body;
  const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;
  return [
    `${percent(failureRate)} of the hosts fail`,
    ...(unreachableRate > 0 ? [`${percent(unreachableRate)} do not answer`] : []),
    ...(slowRate > 0 ? [`${percent(slowRate)} take ten times as long`] : []),
    ...(correlatedBy === undefined
      ? []
      : [`two of three hosts fare as all with their ${correlatedBy} do`]),
    `a host takes ${formatDuration(durations.p50)}, one of ten more than ${formatDuration(durations.p90)}`,
    'every site has a worker, everybody who is asked approves at once, nobody resumes after a trip',
  ];
}

function failures({ hosts }: RunResult): number {
  const bad = new Set(['failed', 'lost', 'unreachable', 'rollback_failed']);
  return [...hosts.values()].filter((state) => bad.has(state)).length;
}

/** How often each key comes, the most often first. */
function tally<T, K>(all: readonly T[], key: (each: T) => K): [K, number][] {
  const groups = [...Map.groupBy(all, key)].map(([found, of]): [K, number] => [found, of.length]);
  return groups.toSorted((a, b) => b[1] - a[1]);
}

function times(all: number[]): { p50: string; p90: string } {
  const { p50, p90 } = percentiles(all.map((each) => Math.round(each / 1000) * 1000));
  return { p50: formatDuration(p50), p90: formatDuration(p90) };
}

/** By the nearest rank. */
function percentiles(all: readonly number[]): { p50: number; p90: number } {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p90: at(0.9) };
}
