import type { DecisionRecord, Page, Rollout } from '#api';
import type { Conductor, Sketch } from '#conductor';
import { isGofleetError } from '#errors';
import { isFinal, type HostState, type Verb } from '#rollout';
import { PEOPLE } from './people.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** What happens to a world from outside, at a time after its start. */
export interface Disturbance {
  /** Milliseconds after the start. */
  at: number;
  what: (world: World) => void | Promise<void>;
}

export interface RunOptions extends Omit<WorldOptions, 'hosts'> {
  /** What is rolled out, notifications and other rollouts left out. */
  sketch: Sketch;
  /**
   * What a person does with a rollout that stands still; undefined: nothing, it ends there. `trip` is the decision that
   * has to be acknowledged, where one stands.
   */
  person?: (rollout: Rollout, trip: number | undefined) => Verb | undefined;
  disturbances?: readonly Disturbance[];
  /** Waits in which nothing can happen are leapt over; where workers die their leases would then end late. */
  leap?: boolean;
  /** Virtual time after which it is given up. */
  longest?: number;
}

/** How a simulated rollout went. */
export interface RunResult {
  rollout: Rollout;
  /** Names of the hosts with their states. */
  hosts: Map<string, HostState>;
  /** The first trip: when (after the start), of which batch, why, and the hosts that were worked on by then. */
  trip: { at: number; batch: number; code: string; touched: number } | undefined;
  /** Milliseconds of virtual time from its start to its end. */
  duration: number;
  decisions: DecisionRecord[];
  world: World;
}

const LONGEST = 30 * 24 * 3_600_000;

/** Runs a rollout in a simulated world until it has ended, or stands still and nobody does anything. */
export async function runRollout(options: RunOptions): Promise<RunResult> {
  options.ledger?.clear();
  const world = createWorld({ ...options, hosts: options.sketch.rows });
  await world.start();
  for (const { at, what } of options.disturbances ?? [])
    world.clock.after(at, () => void what(world));
  const id = await create(world, alone(options.sketch));
  await runToEnd(world, id, options);
  return readResult(world, id);
}

/** Nobody outside hears of it, and no other rollout is asked for. */
function alone(sketch: Sketch): Sketch {
  return { ...sketch, plan: { ...sketch.plan, notify: [], supersedes: undefined } };
}

/** Asked again where the answer was lost. */
async function create(world: World, sketch: Sketch): Promise<string> {
  for (;;)
    try {
      const { items } = await world.controller.ask('read', ({ conductor }) =>
        conductor.listRollouts({ limit: 1 }),
      );
      const [there] = items;
      if (there) return there.id;
      const made = await world.controller.ask('create', (open) =>
        open.create(PEOPLE.requester, sketch),
      );
      return made.value.id;
    } catch (error) {
      await whileDown(world, error);
    }
}

async function runToEnd(world: World, id: string, options: RunOptions): Promise<void> {
  const until = world.clock.monotonic() + (options.longest ?? LONGEST);
  for (;;) {
    await world.settled();
    const still = await standsStill(world, id);
    if (still && isFinal(still.state)) return;
    const verb = still && options.person?.(still, await standingTrip(world, id));
    if (still && !verb) return;
    if (verb) await act(world, id, verb);
    else move(world, options);
    if (world.clock.monotonic() > until) throw new Error(`${id} does not come to an end`);
  }
}

/** The rollout, where nothing is at work and nothing will be by itself. */
async function standsStill(world: World, id: string): Promise<Rollout | undefined> {
  const { controller, workers } = world;
  if (!controller.up || [...workers].some(({ busy }) => busy > 0)) return undefined;
  const rollout = await getRollout(world, id);
  if (!rollout || isFinal(rollout.state)) return rollout;
  const { queued, running, rollingBack, lost } = rollout.counts;
  const waits = rollout.state === 'paused' || rollout.state === 'pending_approval';
  return waits && queued + running + rollingBack + lost === 0 ? rollout : undefined;
}

async function getRollout(world: World, id: string): Promise<Rollout | undefined> {
  try {
    return (await world.controller.ask('read', ({ conductor }) => conductor.getRollout(id))).value;
  } catch (error) {
    if (isGofleetError(error, 'unavailable')) return undefined;
    throw error;
  }
}

async function standingTrip(world: World, id: string): Promise<number | undefined> {
  const decisions = await allDecisions(world, id);
  const last = decisions.findLast(({ kind }) => ['trip', 'resume', 'retry'].includes(kind));
  return last?.kind === 'trip' ? last.number : undefined;
}

/** A person whose answer is lost looks at the rollout and acts again if it still stands still. */
async function act(world: World, id: string, verb: Verb): Promise<void> {
  const by = verb.kind === 'approve' ? PEOPLE.approvers[0] : PEOPLE.requester;
  try {
    await world.controller.ask('verb', ({ conductor }) =>
      conductor.act(by ?? PEOPLE.requester, id, verb),
    );
  } catch (error) {
    await whileDown(world, error);
  }
}

/** A tick of the controller may come late by this, as on a busy machine. */
const LATE = 3000;

/** To the next thing that happens; where nothing is leapt over, no further than the next beat. */
function move({ clock }: World, { leap = false }: RunOptions): void {
  const next = clock.next();
  if (next === undefined) throw new Error('nothing will ever happen again');
  clock.fire(leap ? clock.nextEvent() : Math.min(next + LATE, clock.nextBeat() ?? Infinity));
}

async function whileDown(world: World, error: unknown): Promise<void> {
  if (!isGofleetError(error, 'unavailable')) throw error;
  for (await world.settled(); !world.controller.up; await world.settled()) world.clock.fire();
}

async function readResult(world: World, id: string): Promise<RunResult> {
  const rollout = await getRollout(world, id);
  if (!rollout) throw new Error('the controller is down at the end');
  const read = <T>(ask: (conductor: Conductor) => Promise<T>): Promise<T> =>
    world.controller.ask('read', ({ conductor }) => ask(conductor));
  const hosts = await all((cursor) =>
    read((conductor) => conductor.listHosts(id, { limit: 1000, cursor })),
  );
  const decisions = await allDecisions(world, id);
  const begun = Date.parse(rollout.startedAt ?? rollout.createdAt);
  const trip = decisions.find(({ kind }) => kind === 'trip');
  return {
    rollout,
    hosts: new Map(hosts.map(({ name, state }) => [name, state])),
    trip: trip && {
      at: Date.parse(trip.at) - begun,
      batch: trip.batch ?? 0,
      code: trip.reason?.code ?? trip.kind,
      touched: [...world.touched.values()].filter((at) => at <= Date.parse(trip.at)).length,
    },
    duration: (rollout.finishedAt ? Date.parse(rollout.finishedAt) : world.clock.now()) - begun,
    decisions,
    world,
  };
}

function allDecisions({ controller }: World, id: string): Promise<DecisionRecord[]> {
  return all((cursor) =>
    controller.ask('read', ({ conductor }) => conductor.listDecisions(id, { limit: 1000, cursor })),
  );
}

async function all<T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const next = await page(cursor);
    items.push(...next.items);
    if (next.nextCursor === null) return items;
    cursor = next.nextCursor;
  }
}
