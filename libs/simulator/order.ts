import type { Rollout, Simulation, SimulationBody } from '#api';
import type { Sketch } from '#conductor';
import { openMemoryLedger } from '#ledger';
import type { Verb } from '#rollout';
import type { Faults } from './faults.ts';
import { runRollout, type RunResult } from './run.ts';
import { describe, summarize } from './summary.ts';
import type { HostRow } from './world.ts';

/** A plan that is drawn up, and what to simulate of it. */
export interface Order {
  sketch: Sketch;
  body: SimulationBody & { runs: number };
}

/** Of the hosts of a domain that fare as all of it does. */
const CORRELATION = 2 / 3;

/** Runs the plan as often as is asked and says how that went. The same order gives the same answer. */
export async function simulateOrder({ sketch, body }: Order): Promise<Simulation> {
  using ledger = openMemoryLedger();
  const { correlatedBy, seed, runs } = body;
  const results: RunResult[] = [];
  for (let run = 1; run <= runs; run++) {
    const result = await runRollout({
      seed: `${seed}/${run}`,
      start: startOf(sketch),
      sketch,
      ledger,
      faults: faultsOf(body),
      person: approve,
      leap: true,
      ...(correlatedBy !== undefined && { domainOf: (host) => traitOf(host, correlatedBy) }),
    });
    const [violation] = result.world.violations;
    if (violation) throw new Error(`simulated ${violation.host}: ${violation.what}`);
    results.push(result);
  }
  const unknown =
    correlatedBy !== undefined && !sketch.rows.some((row) => traitOf(row, correlatedBy));
  return {
    name: sketch.plan.name,
    runs,
    seed,
    hosts: sketch.planned,
    assumptions: describe(body),
    ...summarize(results),
    warnings: [
      ...sketch.warnings,
      ...(unknown ? [`correlatedBy: no host has the variable ${correlatedBy}`] : []),
    ],
  };
}

/** Any Monday: without windows and `startAt` no instant differs from another. */
const MONDAY = Date.UTC(2026, 5, 1);

function startOf({ plan }: Sketch): number {
  return plan.startAt ?? MONDAY;
}

function faultsOf(body: SimulationBody): Faults {
  const { failureRate, unreachableRate, slowRate, durations, correlatedBy } = body;
  const correlation = correlatedBy === undefined ? 0 : CORRELATION;
  return { failureRate, unreachableRate, slowRate, durations, correlation };
}

function traitOf({ traits }: HostRow, name: string): string | undefined {
  const all = JSON.parse(traits) as Record<string, unknown>;
  const value = all[name];
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** Everybody who is asked approves at once; whatever else it waits for, it ends there. */
function approve({ state, planDigest }: Rollout): Verb | undefined {
  return state === 'pending_approval' ? { kind: 'approve', planDigest } : undefined;
}
