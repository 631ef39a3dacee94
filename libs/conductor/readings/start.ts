import type { Actor } from '#api';
import { GofleetError } from '#errors';
import type { Host } from '#inventory';
import type { Queries } from '#ledger';
import type { KnownTree } from '#operations';
import { emptyCounts } from '#rollout';
import { ulid } from 'ulid';
import { insertHosts } from '../create/freeze.ts';
import type { Engine } from '../engine.ts';
import { MOST_AT_ONCE, planOfReading } from './plan.ts';

/** Hosts that are to be looked at, each with its pins. */
export interface ReadingRequest {
  hosts: Host[];
  /** What trees on them are compared with; absent: none is hashed. */
  trees?: KnownTree[] | undefined;
  /** Written in the transaction that begins it. */
  also?: (queries: Queries, reading: string) => Promise<void>;
}

/**
 * Begins to read hosts and answers the id of the reading: a rollout that nobody sees, with one batch, no operations and
 * no claim on what it looks at. Names come once. Throws `no_hosts`.
 */
export async function startReading(
  engine: Engine,
  by: Actor,
  { hosts, trees, also }: ReadingRequest,
): Promise<string> {
  if (hosts.length === 0) throw nobody();
  const id = ulid(engine.clock.now());
  await engine.write(async (queries) => {
    await insertReading(engine, queries, { id, by, hosts, trees });
    await also?.(queries, id);
  });
  engine.log.info({ reading: id, hosts: hosts.length, by: by.name }, 'hosts are being read');
  engine.wake(id);
  engine.send();
  return id;
}

interface NewReading {
  id: string;
  by: Actor;
  hosts: Host[];
  trees: KnownTree[] | undefined;
}

async function insertReading(
  engine: Engine,
  queries: Queries,
  { id, by, hosts, trees }: NewReading,
): Promise<void> {
  const frozen = planOfReading(hosts, trees);
  await queries
    .insertInto('rollouts')
    .values({
      ...EMPTY,
      id,
      requester: by.name,
      requester_token: by.token,
      created_at: engine.clock.now(),
    })
    .execute();
  await queries
    .insertInto('rollout_plans')
    .values({ rollout: id, frozen: JSON.stringify(frozen) })
    .execute();
  const batch = { ...BATCH, size: hosts.length, tripsAt: hosts.length + 1 };
  await insertHosts(queries, id, hosts, [batch]);
  await insertBatch(queries, id, hosts.length);
}

/** No budget can trip it and no deadline: every host is read, whatever became of the others. */
async function insertBatch(queries: Queries, rollout: string, size: number): Promise<void> {
  const counts = emptyCounts();
  counts.states.pending = size;
  await queries
    .insertInto('batches')
    .values({
      rollout,
      number: 1,
      state: 'pending',
      size,
      delay: 0,
      max_failures: size,
      max_unreachable: null,
      started_at: null,
      passed_at: null,
      worked: 0,
      worked_since: null,
      waived: JSON.stringify(['batch_failed', 'deadline']),
      reason: null,
      counts: JSON.stringify(counts),
    })
    .execute();
}

const BATCH = {
  number: 1,
  entry: 0,
  first: 0,
  delay: 0,
  bake: 0,
  approval: false,
  maxFailures: undefined,
  maxUnreachable: undefined,
};

const EMPTY = {
  name: 'reading',
  purpose: 'reading',
  owned: 0,
  labels: '{}',
  state: 'running',
  reason: null,
  rev: 1,
  version: 1,
  plan_digest: '',
  bundle_name: '',
  bundle_digest: '',
  playbook: '',
  inventory: '',
  targets: '',
  started_at: null,
  finished_at: null,
  excluded: 0,
  rollback: null,
  abort: null,
  trips: '[]',
  last_tripped: null,
  remind_at: null,
};

function nobody(): GofleetError {
  return new GofleetError('no_hosts', 'there is no host to be read', {
    remedy: `Name hosts that are known (GET /v1/fleet), or an inventory; ${MOST_AT_ONCE} are read at once.`,
  });
}
