import type { MemoryLedger } from '#ledger';
import { isFinal } from '#rollout';
import { runRollout, type RunResult } from '#simulator';
import { person } from './persons.ts';
import type { Scenario } from './scenarios.ts';
import { watch } from './watch.ts';

/** A Monday, at half past midnight. */
const START = Date.UTC(2026, 5, 1, 0, 30);

/** What went wrong in a run, each once. */
export interface Ran {
  result: RunResult;
  complaints: string[];
}

/** Runs a scenario with everything watched. */
export async function runScenario(scenario: Scenario, ledger: MemoryLedger): Promise<Ran> {
  const complaints = new Set<string>();
  const result = await runRollout({
    ...scenario,
    start: START,
    ledger,
    domainOf: ({ traits }) => traits,
    person: person(scenario.person),
    committed: watch(scenario, (what) => complaints.add(what)),
    longest: 7 * 24 * 3_600_000,
  });
  for (const { host, what } of result.world.violations) complaints.add(`${host} ${what}`);
  for (const what of judgeEnd(result, scenario)) complaints.add(what);
  return { result, complaints: [...complaints] };
}

/** The same without anything going wrong on our own side. */
export function undisturbed(scenario: Scenario): Scenario {
  return { ...scenario, crashes: [], disturbances: [] };
}

/** What holds at the end of every run. */
function judgeEnd({ rollout, hosts, world }: RunResult, scenario: Scenario): string[] {
  const wrong: string[] = [];
  const { counts } = rollout;
  if (hosts.size !== counts.planned) wrong.push(`${hosts.size} of ${counts.planned} hosts`);
  if (!isFinal(rollout.state) && scenario.person !== 'is away')
    wrong.push(`it stands still as ${rollout.state}`);
  for (const [name, state] of hosts) {
    const host = world.hosts.get(name);
    if (!host) continue;
    const forward = host.switches.filter(({ direction }) => direction === 'forward').length;
    const back = host.switches.length - forward;
    if (['queued', 'running', 'rolling_back'].includes(state)) wrong.push(`${name} is ${state}`);
    if (state === 'succeeded' && forward - back !== 1)
      wrong.push(`${name} succeeded after ${forward} switches and ${back} back`);
    if (state === 'succeeded' && host.lot.fate !== 'well')
      wrong.push(`${name} succeeded, although it ${host.lot.fate}`);
    if (state === 'rolled_back' && forward !== back)
      wrong.push(`${name} was rolled back after ${forward} switches and ${back} back`);
  }
  return wrong;
}
