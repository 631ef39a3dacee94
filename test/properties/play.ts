import { isGofleetError } from '#errors';
import { planRollout, RolloutPlan, tripsAt, type ClaimOutcome, type HostState } from '#rollout';
import { createModel, type Model, type World } from './model.ts';

/** A rollout with batches of these sizes. */
export interface Shape {
  sizes: number[];
  maxFailures?: number;
  budget?: number;
  concurrency?: number;
  delay?: string;
  inflight?: 'drain' | 'cancel';
  /** Of each batch. */
  batch?: Record<string, unknown>;
  /** Anything else of the plan. */
  plan?: Record<string, unknown>;
  strategy?: Record<string, unknown>;
  world?: World;
}

/** Created, and conducted until it waits. */
export function start({
  sizes,
  maxFailures,
  budget,
  concurrency = 50,
  delay = '0s',
  inflight,
  ...more
}: Shape): Model {
  const plan = RolloutPlan.parse({
    kind: 'RolloutPlan',
    name: 'p',
    inventory: 'i',
    targets: 'all',
    bundle: 'b',
    playbook: 'p',
    strategy: {
      batches: sizes.map((size) => ({ size, maxFailures, delay, ...more.batch })),
      concurrency,
      inflight,
      ...more.strategy,
    },
    budgets: { maxFailures: budget },
    ...more.plan,
  });
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `h${index}`,
    connection: { address: `h${index}`, port: 22 },
  }));
  const model = createModel(planRollout(plan, hosts), more.world);
  model.conduct();
  return model;
}

/** Every queued host is claimed. */
export function claimAll(model: Model): void {
  for (const row of model.hosts) if (row.state === 'queued') model.claim(row);
}

/** The host ends what it is at work on. */
export function end(
  model: Model,
  number: number,
  state: ClaimOutcome['state'],
  switched = true,
): void {
  const row = model.hosts[number];
  if (!row?.task) throw new Error(`host ${number} is not at work`);
  model.report(row, { task: row.task, state, unchanged: false, switched });
}

/** Works until nothing more is to do by itself: the named hosts fail after their switch, all others succeed. */
export function work(model: Model, failing: number[] = []): void {
  for (let turn = 0; turn < 1000; turn += 1) {
    model.conduct();
    claimAll(model);
    const row = model.hosts.find((each) => each.task !== undefined);
    if (!row) return;
    const good = row.task === 'back' ? 'rolled_back' : 'succeeded';
    end(
      model,
      row.number,
      row.task === 'forward' && failing.includes(row.number) ? 'failed' : good,
    );
  }
  throw new Error('does not come to rest');
}

/** The states of some hosts, each once. */
export function statesOf(model: Model, from: number, to: number): HostState[] {
  return [...new Set(model.hosts.slice(from, to).map((row) => row.state))];
}

export function batchStates(model: Model): string[] {
  return model.view.batches.map((batch) => batch.state);
}

export function isRunning(model: Model): boolean {
  return model.view.state === 'running';
}

/** Where each batch trips by now. */
export function limits(model: Model): number[] {
  return model.view.batches.map((batch) => tripsAt(model.view, batch));
}

/** The number of the trip that stands. */
export function standing(model: Model): number {
  const trip = model.view.trips.at(-1);
  if (!trip) throw new Error('no trip stands');
  return trip.decision;
}

/** How an action is refused. */
export function refusal(action: () => void): { code: string; details: Record<string, unknown> } {
  try {
    action();
  } catch (error) {
    if (isGofleetError(error)) return { code: error.code, details: error.details };
  }
  throw new Error('was not refused');
}
