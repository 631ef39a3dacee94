import { isGofleetError } from '#errors';
import { countBatches } from '#ledger';
import { isFinal, type Verb } from '#rollout';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { failed, type Behaviour } from './fake-worker.ts';
import { createStand, type Stand } from './stand.ts';

const CONCURRENCY = 3;
const HOSTS = 8;
/** What is given back is invited again at once. */
const MOST_CLAIMS = 12;

const verbs: fc.Arbitrary<Verb> = fc.oneof(
  fc.constant<Verb>({ kind: 'pause' }),
  fc.constant<Verb>({ kind: 'pause', inflight: 'cancel' }),
  fc.constant<Verb>({ kind: 'resume' }),
  fc.constant<Verb>({ kind: 'resume', mode: 'retry' }),
  fc.record({
    kind: fc.constant('resume' as const),
    mode: fc.constant('continue' as const),
    acknowledge: fc.integer({ min: 1, max: 9 }),
  }),
  fc.constant<Verb>({
    kind: 'retry',
    states: ['failed', 'unreachable', 'lost', 'rollback_failed'],
  }),
  fc.constant<Verb>({ kind: 'retry', hosts: ['h0', 'h3'] }),
  fc.constant<Verb>({ kind: 'rollback', scope: 'all' }),
  fc.constant<Verb>({ kind: 'rollback', scope: 'failed' }),
  fc.constant<Verb>({ kind: 'rollback', scope: 'batch', batch: 1 }),
  fc.constant<Verb>({ kind: 'rollback', scope: 'hosts', hosts: ['h1', 'h4'] }),
  fc.record({
    kind: fc.constant('abort' as const),
    inflight: fc.constantFrom('drain' as const, 'cancel' as const),
    rollback: fc.constantFrom('none' as const, 'all' as const),
    stopRollback: fc.boolean(),
  }),
);

/** How claims end, one after the other; undefined stays at work. */
const endings = fc.constantFrom<ReturnType<Behaviour>>(
  {},
  {},
  {},
  {},
  undefined,
  failed('disk'),
  failed('health'),
  { state: 'failed', code: 'health', switched: true },
  { state: 'unreachable', code: 'timeout', switched: false },
  { state: 'lost', code: 'lost', switched: true },
  { state: 'cancelled', code: 'stopped', switched: false },
  { state: 'released', switched: false },
  { state: 'released', switched: false, ownFault: 'site_unavailable' },
);

const moves = fc.oneof(
  fc.record({ verb: verbs }),
  fc.record({ work: fc.array(endings, { minLength: 1, maxLength: 4 }) }),
  fc.record({ finish: endings }),
  fc.record({ silence: fc.integer({ min: 1, max: 40 }) }),
  fc.constant({ crash: true as const }),
  fc.constant({ flush: true as const }),
);
type Move = typeof moves extends fc.Arbitrary<infer T> ? T : never;

it('keeps its books right whatever people, workers and crashes do, and can always be brought to an end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(moves, { minLength: 5, maxLength: 30 }), async (all) => {
      await using stand = await createStand();
      await stand.importBundle();
      const batches = [
        { size: 3, maxFailures: 1 },
        { size: 5, maxFailures: 2 },
      ];
      const strategy = { concurrency: CONCURRENCY };
      const { id } = await stand.create({ hosts: HOSTS, batches, strategy });
      for (const move of all) {
        await make(stand, id, move);
        await check(stand, id);
      }
      await bringToEnd(stand, id);
      await check(stand, id);
    }),
    { numRuns: 25 },
  );
}, 240_000);

async function make(stand: Stand, id: string, move: Move): Promise<void> {
  await stand.worker.beat();
  await stand.settled();
  if ('verb' in move) await tryVerb(stand, id, move.verb);
  else if ('work' in move) {
    let turn = 0;
    stand.worker.behave = ({ task }) =>
      turn < MOST_CLAIMS ? fit(task, move.work[turn++ % move.work.length]) : undefined;
    await stand.worker.work();
  } else if ('finish' in move) {
    const [at] = stand.worker.atWork();
    const outcome = at && fit(at.claim.task, move.finish);
    if (at && outcome) await stand.worker.finish(at.claim, outcome);
  } else if ('silence' in move) {
    for (let second = 0; second < move.silence; second++)
      await stand.clock.advance(1000, stand.settled);
  } else if ('crash' in move) await stand.restart();
  else stand.queue.flush();
  await stand.settled();
}

/** A rollback ends in other words than a forward claim. */
function fit(task: string, ending: ReturnType<Behaviour>): ReturnType<Behaviour> {
  if (task !== 'rollback' || ending?.state === undefined) return ending;
  return ending.state === 'failed' ? { ...ending, state: 'rollback_failed' } : ending;
}

async function tryVerb(stand: Stand, id: string, verb: Verb): Promise<void> {
  try {
    await stand.act(id, verb);
  } catch (error) {
    if (!isGofleetError(error, 'conflict') && !isGofleetError(error, 'invalid_request'))
      throw error;
  }
}

async function check(stand: Stand, id: string): Promise<void> {
  await stand.get(id);
  const { hosts, counted, stored } = await stand.ledger.read(async (queries) => ({
    hosts: await queries.selectFrom('rollout_hosts').selectAll().orderBy('number').execute(),
    counted: await countBatches(queries, id),
    stored: await queries.selectFrom('batches').select(['number', 'counts']).execute(),
  }));
  for (const { number, counts } of stored) expect(JSON.parse(counts)).toEqual(counted.get(number));
  const atWork = hosts.filter(({ work }) => work !== 'idle');
  expect(atWork.length).toBeLessThanOrEqual(CONCURRENCY);
  for (const host of hosts) {
    if (host.state === 'queued') expect(host.work).toBe('queued');
    if (host.state === 'running') expect(host.work).toBe('claimed');
    if (host.state === 'pending') expect(host.work).toBe('idle');
    expect(host.work === 'idle').toBe(host.task === null);
  }
}

/** A person who does what is allowed, and hosts that are well. */
async function bringToEnd(stand: Stand, id: string): Promise<void> {
  stand.worker.behave = () => ({});
  for (let round = 0; round < 40; round++) {
    for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
    await stand.run(70, async () => {
      const { state } = await stand.get(id);
      return isFinal(state) || state === 'paused';
    });
    const { state, allowedActions } = await stand.get(id);
    if (isFinal(state)) return;
    if (allowedActions.includes('resume')) await stand.act(id, { kind: 'resume', mode: 'retry' });
  }
  expect((await stand.get(id)).state).toBe('an end');
}
