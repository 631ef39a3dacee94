import type { Actor, Rollout, RollbackTaken } from '#api';
import { GofleetError } from '#errors';
import { namesOf, type Queries } from '#ledger';
import { askedVerb, planVerb, type Change, type RolloutView, type Verb } from '#rollout';
import { requireReady } from '../bundles/ready.ts';
import { audit } from '../access/audit.ts';
import { auditedChange } from '../access/audited-change.ts';
import { auditedVerb } from '../access/audited-verb.ts';
import { carryOut } from '../conduct/carry-out.ts';
import { loadStill, loadView } from '../conduct/view.ts';
import { judge } from '../claims/judge.ts';
import type { Engine } from '../engine.ts';
import type { Tagged, VerbOptions } from '../interface.ts';
import { noRollout } from '../not-found.ts';
import { etagOf, getRollout } from '../reads/rollouts.ts';
import type { Effect } from './effect.ts';
import { prepareExtend } from './extend.ts';
import { findNamed } from './named.ts';
import { prepareRefresh } from './refresh.ts';
import { rollbackTaken } from './rollback-taken.ts';

/** Does what a person asks, in one transaction, and answers the rollout as it then is. */
export async function act(
  engine: Engine,
  by: Actor,
  id: string,
  verb: Verb,
  options: VerbOptions = {},
): Promise<Tagged<Rollout>> {
  if (SENDS.includes(verb.kind))
    await engine.ledger.read((queries) => requireReady(engine, queries, id));
  const effect = await effectOf(engine, id, verb);
  const taken = await engine.write((queries) =>
    actIn(engine, queries, { by, id, verb, options, effect }),
  );
  if (verb.kind === 'extend') engine.frozen.forget(id);
  engine.log.info({ rollout: id, verb: verb.kind, by: by.name }, 'a person acted');
  const answer = await getRollout(engine, id);
  engine.wake(id);
  engine.send();
  return { ...answer, value: { ...answer.value, ...taken } };
}

/** Verbs that set hosts going: what they are to be sent has to be there, and signed by who may still sign. */
const SENDS: Verb['kind'][] = ['resume', 'retry', 'extend'];

/** What a verb needs from outside is read before its transaction. */
async function effectOf(engine: Engine, id: string, verb: Verb): Promise<Effect | undefined> {
  if (verb.kind === 'refresh') return prepareRefresh(engine, id, verb);
  return verb.kind === 'extend' ? prepareExtend(engine, id, verb) : undefined;
}

interface Asked {
  by: Actor;
  id: string;
  verb: Verb;
  options: VerbOptions;
  effect: Effect | undefined;
}

async function actIn(
  engine: Engine,
  queries: Queries,
  { by, id, verb, options, effect }: Asked,
): Promise<Partial<Rollout>> {
  const view = await lookFor(engine, queries, id, verb);
  if ((await engine.frozen.of(queries, id)).reading) throw noRollout(id);
  if (options.ifMatch !== undefined) await requireTag(queries, id, options.ifMatch);
  const named = await findNamed(queries, id, 'hosts' in verb ? verb.hosts : undefined);
  const frozen = await frozenAs(queries, id);
  const allowed = planVerb(view, verb, {
    now: engine.clock.now(),
    token: by.token,
    named,
    ...frozen,
  });
  const effected = await effect?.(queries, view);
  const change = { ...allowed, ...effected?.change };
  const names = await takenBy(queries, id, change);
  const cause = {
    kind: verb.kind,
    by: by.name,
    tagged: true,
    batch: batchOf(view, verb, change),
    asked: askedVerb(verb),
    note: verb.note,
  };
  const { leftAlone, number } = await carryOut(engine, queries, view, change, cause);
  if (verb.kind === 'patch') await judge(engine, queries, id);
  const rollback = await rollbackTaken(queries, id, { verb, change, names, leftAlone });
  const after = {
    state: change.state,
    decision: number,
    ...(rollback && { rollback: sumOf(rollback) }),
    ...effected?.after,
  };
  const moved = auditedChange(view, change);
  await audit(queries, engine.clock.now(), {
    by,
    verb: verb.kind,
    rollout: id,
    note: verb.note,
    before: { ...beforeOf(view), ...moved.before },
    after: { ...after, ...moved.after, asked: auditedVerb(verb) },
  });
  return { ...effected?.answer, ...(rollback && { rollback }) };
}

/** What an answer or a rollback is about; undefined where that is the whole rollout. */
function batchOf({ approval }: RolloutView, { kind }: Verb, { rollback }: Change) {
  return kind === 'approve' || kind === 'deny' ? approval?.batch : rollback?.batch;
}

/** Who waits for a window, or takes its hosts only now, has to be looked at closer. */
async function lookFor(
  engine: Engine,
  queries: Queries,
  id: string,
  { kind }: Verb,
): Promise<RolloutView> {
  const still = await loadStill(engine, queries, id);
  const closer = kind === 'advance' || (kind === 'resume' && !still.owned);
  return closer ? loadView(engine, queries, id) : still;
}

async function frozenAs(
  queries: Queries,
  id: string,
): Promise<{ requester: string; planDigest: string }> {
  return queries
    .selectFrom('rollouts')
    .select(['requester_token as requester', 'plan_digest as planDigest'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

async function requireTag(queries: Queries, id: string, ifMatch: string): Promise<void> {
  const row = await queries
    .selectFrom('rollouts')
    .select('version')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes('*') || tags.includes(etagOf(row))) return;
  throw new GofleetError('precondition_failed', `rollout ${id} changed since it was read`, {
    remedy: 'Read it again, and send the new ETag if you still want this.',
    details: { etag: etagOf(row) },
  });
}

/** Hosts that a rollback takes, before it does. */
async function takenBy(queries: Queries, id: string, { hosts }: Change): Promise<string[]> {
  const names = new Set<string>();
  for (const { select, set } of hosts)
    if (set === 'rollBack' || set === 'rollBackAfter')
      for (const name of await namesOf(queries, id, select)) names.add(name);
  return [...names];
}

function beforeOf({ state, reason }: RolloutView) {
  return { state, reason: reason ?? null };
}

/** The audit keeps numbers; the names are in the answer and the decision. */
function sumOf({ scope, batch, hosts, leftAlone }: RollbackTaken) {
  return { scope, batch, hosts: hosts.length, leftAlone: leftAlone.length };
}
