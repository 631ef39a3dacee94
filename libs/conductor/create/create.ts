import type { Actor, Rollout } from '#api';
import type { Queries } from '#ledger';
import { emptyCounts, type PlannedBatch } from '#rollout';
import { ulid } from 'ulid';
import { audit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import type { Frozen } from '../frozen.ts';
import type { CreateRequest, Tagged } from '../interface.ts';
import { notify } from '../outbox/notify.ts';
import { getRollout } from '../reads/rollouts.ts';
import { digestOf } from './digest.ts';
import { insertHosts } from './freeze.ts';
import { takeHosts } from './ownership.ts';
import { prepare, type Prepared } from './prepare.ts';

/** Reads all that a plan names, freezes it in one transaction, and sets the rollout going. */
export async function createRollout(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
): Promise<Tagged<Rollout>> {
  return createPrepared(engine, by, await prepare(engine, by, request));
}

/** Freezes what was prepared and sets the rollout going. */
export async function createPrepared(
  engine: Engine,
  by: Actor,
  prepared: Prepared,
): Promise<Tagged<Rollout>> {
  const id = ulid(engine.clock.now());
  const digest = await digestOf(prepared);
  await engine.write((queries) => freeze(engine, queries, { id, by, prepared, digest }));
  engine.log.info({ rollout: id, hosts: prepared.hosts.length, by: by.name }, 'rollout created');
  engine.wake(id);
  engine.send();
  return getRollout(engine, id);
}

interface NewRollout {
  id: string;
  by: Actor;
  prepared: Prepared;
  digest: string;
}

async function freeze(engine: Engine, queries: Queries, rollout: NewRollout): Promise<void> {
  const { id, by, prepared } = rollout;
  const now = engine.clock.now();
  await insertRollout(queries, rollout, now);
  const { hosts, planned } = prepared;
  await insertHosts(queries, id, hosts, planned.batches);
  await takeHosts(queries, id);
  await insertBatches(queries, id, planned.batches);
  const { name } = prepared.plan;
  const after = { state: 'running', name, hosts: hosts.length };
  await audit(queries, now, { by, verb: 'create', rollout: id, after });
  await tell(queries, now, {
    type: 'rollout.state',
    rollout: id,
    details: { ...after, by: by.name },
  });
  await notify(engine, queries, id, 'started');
}

async function insertRollout(
  queries: Queries,
  { id, by, prepared, digest }: NewRollout,
  now: number,
): Promise<void> {
  const { plan, bundle, playbook, inventory, targets } = prepared;
  const frozen = frozenOf(prepared);
  await queries
    .insertInto('rollouts')
    .values({
      id,
      name: plan.name,
      labels: JSON.stringify(plan.labels),
      state: 'running',
      reason: null,
      rev: 1,
      version: 1,
      plan_digest: digest,
      bundle_name: bundle.name,
      bundle_digest: bundle.digest,
      playbook,
      inventory,
      targets,
      requester: by.name,
      requester_token: by.token,
      created_at: now,
      started_at: null,
      finished_at: null,
      excluded: 0,
      rollback: null,
      abort: null,
      trips: '[]',
      last_tripped: null,
      remind_at: null,
    })
    .execute();
  await queries
    .insertInto('rollout_plans')
    .values({ rollout: id, frozen: JSON.stringify(frozen) })
    .execute();
}

function frozenOf({ plan, planned, operations, blobs, hosts, warnings }: Prepared): Frozen {
  const { retries, timeouts, notify: notifications } = plan;
  return {
    schema: 1,
    plan: { retries, timeouts, notify: notifications },
    strategy: planned.strategy,
    operations,
    blobs,
    sites: [...new Set(hosts.map(({ site }) => site))].sort(),
    warnings,
  };
}

async function insertBatches(
  queries: Queries,
  rollout: string,
  batches: PlannedBatch[],
): Promise<void> {
  for (const batch of batches) {
    const counts = emptyCounts();
    counts.states.pending = batch.size;
    await queries
      .insertInto('batches')
      .values({
        rollout,
        number: batch.number,
        state: 'pending',
        size: batch.size,
        delay: batch.delay,
        max_failures: batch.maxFailures ?? null,
        max_unreachable: batch.maxUnreachable ?? null,
        started_at: null,
        passed_at: null,
        worked: 0,
        worked_since: null,
        waived: '[]',
        reason: null,
        counts: JSON.stringify(counts),
      })
      .execute();
  }
}
