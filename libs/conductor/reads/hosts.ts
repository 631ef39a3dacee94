import type { Page, Reason as ApiReason, RolloutHost } from '#api';
import { prepared, type HostRow, type Queries, type Slot } from '#ledger';
import type { z } from 'zod';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import type { HostFilter } from '../interface.ts';
import { fromJson, toTimeOrNull } from '../json.ts';
import { noRollout } from '../not-found.ts';

/** In the order of the plan. */
export async function listHosts(
  engine: Engine,
  rollout: string,
  { limit, cursor, state, batch, signature }: HostFilter,
): Promise<Page<RolloutHost>> {
  const [after] = readCursor<[number]>(cursor, ['number']) ?? [-1];
  return engine.ledger.read(async (queries) => {
    await requireRollout(queries, rollout);
    let query = queries
      .selectFrom('rollout_hosts')
      .selectAll()
      .where('rollout', '=', rollout)
      .where('number', '>', after)
      .orderBy('number')
      .limit(mostOf(limit) + 1);
    if (state !== undefined) query = query.where('state', '=', state);
    if (batch !== undefined) query = query.where('batch', '=', batch);
    if (signature !== undefined) query = query.where('signature', '=', signature);
    return toPage(await query.execute(), mostOf(limit), (row) => [row.number], toHost);
  });
}

/** Throws `not_found`. */
export async function requireRollout(queries: Queries, id: string): Promise<void> {
  const [found] = await idOf(queries, { id });
  if (!found) throw noRollout(id);
}

const idOf = prepared((queries, slot: Slot<{ id: string }>) =>
  queries.selectFrom('rollouts').select('id').where('id', '=', slot('id')),
);

export function toHost(row: HostRow): RolloutHost {
  return {
    number: row.number,
    name: row.name,
    address: row.address,
    site: row.site,
    batch: row.batch,
    state: row.state as RolloutHost['state'],
    reason: fromJson<z.infer<typeof ApiReason>>(row.reason) ?? null,
    code: row.code,
    message: row.message,
    remedy: row.remedy,
    unchanged: row.unchanged === 1,
    acknowledged: row.acknowledged === 1,
    changed: row.changed === 1,
    step: row.step,
    epoch: row.epoch,
    worker: row.worker,
    startedAt: toTimeOrNull(row.started_at),
    endedAt: toTimeOrNull(row.ended_at),
  };
}
