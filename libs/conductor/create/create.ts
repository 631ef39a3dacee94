import { PlanReference, type Actor, type Rollout } from '#api';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { Reason } from '#rollout';
import { ulid } from 'ulid';
import { audit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import type { Frozen } from '../frozen.ts';
import type { CreateRequest, Tagged } from '../interface.ts';
import { fromJson } from '../json.ts';
import { notify } from '../outbox/notify.ts';
import { requestOf } from '../preview/get.ts';
import { getRollout } from '../reads/rollouts.ts';
import { beginningOf, warnOfOwned, type Beginning } from './beginning.ts';
import { withDrawing } from './draft.ts';
import type { Drawing } from './drawing.ts';
import { insertBatches } from './freeze.ts';
import { removeRollout, stageHosts, stageInPieces, STAGING } from './stage.ts';

/** Reads all that a plan names, freezes it, and sets the rollout going. */
export async function createRollout(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
): Promise<Tagged<Rollout>> {
  const planId = plannedBefore(request);
  return engine.bundles.use(() =>
    planId === undefined
      ? withDrawing(engine, { by, request }, (drawing) => createDrawn(engine, by, drawing))
      : createPlanned(engine, by, planId),
  );
}

/**
 * A rollout of what was previewed. Everything is read anew, and where that does not come to the same digest it is
 * refused: what a person looked at is what runs.
 */
async function createPlanned(engine: Engine, by: Actor, id: string): Promise<Tagged<Rollout>> {
  const { request, digest } = await requestOf(engine, id);
  return withDrawing(engine, { by, request }, async (drawing) => {
    if ((await drawing.digest()) !== digest) throw changedSince(id);
    return createDrawn(engine, by, drawing);
  });
}

/** The body may name a plan instead of being one. */
function plannedBefore({ text, format }: CreateRequest): string | undefined {
  if (text.length > LONGEST_REFERENCE || !/\bplanId\b/.test(text)) return undefined;
  return parseDocument(text, PlanReference, { name: 'body', format }).planId;
}

const LONGEST_REFERENCE = 500;

function changedSince(id: string): GofleetError {
  const message = `what plan ${id} names has changed since it was previewed`;
  return new GofleetError('conflict', message, {
    remedy: 'Preview it again: inventory, playbook, bundle, known_hosts or quarantine are others.',
  });
}

/** Freezes what was drawn up and sets the rollout going; nothing of it is seen before all of it is there. */
export async function createDrawn(
  engine: Engine,
  by: Actor,
  drawing: Drawing,
): Promise<Tagged<Rollout>> {
  const rollout = { id: ulid(engine.clock.now()), by, drawing };
  if (drawing.planned + drawing.excluded <= IN_ONE_GO) await createAtOnce(engine, rollout);
  else await createInPieces(engine, rollout);
  const { id } = rollout;
  engine.log.info({ rollout: id, hosts: drawing.planned, by: by.name }, 'rollout created');
  engine.wake(id);
  engine.send();
  return getRollout(engine, id);
}

/** Hosts whose rows need no transactions of their own. */
const IN_ONE_GO = 500;

interface NewRollout {
  id: string;
  by: Actor;
  drawing: Drawing;
}

async function createAtOnce(engine: Engine, rollout: NewRollout): Promise<void> {
  const { id, drawing } = rollout;
  const digest = await drawing.digest();
  await engine.write(async (queries) => {
    const beginning = await beginningOf(queries, drawing.plan, engine.clock.now());
    await insertStaged(engine, queries, rollout);
    await stageHosts(queries, id, drawing, {
      from: 0,
      most: IN_ONE_GO,
      owns: beginning.owned === 1,
    });
    await publish(engine, queries, { ...rollout, digest, beginning });
  });
}

/** The digest is made meanwhile. */
async function createInPieces(engine: Engine, rollout: NewRollout): Promise<void> {
  const { id, drawing } = rollout;
  const planned = await engine.write(async (queries) => {
    const beginning = await beginningOf(queries, drawing.plan, engine.clock.now());
    await insertStaged(engine, queries, rollout);
    return beginning;
  });
  try {
    const [digest] = await Promise.all([
      drawing.digest(),
      stageInPieces(engine, id, drawing, planned.owned === 1),
    ]);
    await engine.write(async (queries) => {
      const beginning = await beginningStill(engine, queries, drawing, planned);
      await publish(engine, queries, { ...rollout, digest, beginning });
    });
  } catch (error) {
    await removeRollout(engine, id);
    throw error;
  }
}

/** One that has its hosts by now may find everything frozen meanwhile; one that has not begins as it was going to. */
async function beginningStill(
  engine: Engine,
  queries: Queries,
  drawing: Drawing,
  planned: Beginning,
): Promise<Beginning> {
  if (planned.owned === 0) return planned;
  return { ...(await beginningOf(queries, drawing.plan, engine.clock.now())), owned: 1 };
}

/** The row that the others refer to, final and of no purpose: nothing happens to it, and nobody sees it. */
async function insertStaged(
  engine: Engine,
  queries: Queries,
  { id, by, drawing }: NewRollout,
): Promise<void> {
  const { plan, bundle, playbook, inventory, targets } = drawing;
  await queries
    .insertInto('rollouts')
    .values({
      id,
      purpose: STAGING,
      name: plan.name,
      labels: JSON.stringify(plan.labels),
      state: 'denied',
      rev: 1,
      version: 1,
      plan_digest: '',
      bundle_name: bundle.name,
      bundle_digest: bundle.digest,
      playbook,
      inventory,
      targets,
      requester: by.name,
      requester_token: by.token,
      created_at: engine.clock.now(),
      excluded: drawing.excluded,
      trips: '[]',
    })
    .execute();
}

interface Published extends NewRollout {
  digest: string;
  beginning: Beginning;
}

/** From here on it is a rollout like any other. */
async function publish(engine: Engine, queries: Queries, rollout: Published): Promise<void> {
  const { id, by, drawing, digest, beginning } = rollout;
  const { state, reason } = beginning;
  const now = engine.clock.now();
  const conflicts = beginning.owned === 1 ? [] : await warnOfOwned(queries, id);
  await insertBatches(queries, id, drawing.batches);
  await queries
    .insertInto('rollout_plans')
    .values({ rollout: id, frozen: JSON.stringify(frozenOf(drawing, conflicts)) })
    .execute();
  await queries
    .updateTable('rollouts')
    .set({
      purpose: 'rollout',
      plan_digest: digest,
      created_at: now,
      ...beginning,
    })
    .where('id', '=', id)
    .execute();
  const { bundle, trust } = drawing;
  const after = { state, name: drawing.plan.name, hosts: drawing.planned };
  const audited = { ...after, bundle: { ...bundle, trust } };
  await audit(queries, now, { by, verb: 'create', rollout: id, after: audited });
  const why = fromJson<Reason>(reason);
  const details = { ...after, ...(why && { reason: why }), by: by.name };
  await tell(queries, now, { type: 'rollout.state', rollout: id, details });
  if (state === 'running') await notify(engine, queries, id, 'started');
  const waits = state === 'paused' || state === 'pending_approval';
  if (waits) await notify(engine, queries, id, 'paused', why);
}

function frozenOf(drawing: Drawing, conflicts: string[]): Frozen {
  const { plan, strategy, operations, blobs, trust, sites, warnings } = drawing;
  return {
    schema: 1,
    plan,
    strategy,
    operations,
    blobs,
    trust,
    sites: sites.map(([site]) => site),
    warnings: [...conflicts, ...warnings],
  };
}
