import type { PageQuery, Reading, ReadingHost } from '#api';
import type { Queries } from '#ledger';
import { isFinal, type RolloutState } from '#rollout';
import { loadBatches } from '../conduct/view.ts';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { fromJson, toTime, toTimeOrNull } from '../json.ts';
import { notFound } from '../not-found.ts';

/** A reading with a page of its hosts, in their order. Throws `not_found`. */
export async function getReading(
  engine: Engine,
  id: string,
  { limit, cursor }: PageQuery,
): Promise<Reading> {
  const [after] = readCursor<[number]>(cursor, ['number']) ?? [-1];
  return engine.ledger.read(async (queries) => {
    const row = await queries
      .selectFrom('rollouts')
      .select(['id', 'state', 'requester', 'created_at', 'finished_at'])
      .where('id', '=', id)
      .where('purpose', '=', 'reading')
      .executeTakeFirst();
    if (!row) throw notFound('reading', id, 'Readings are kept for 7 days; start another one.');
    const hosts = await hostsAfter(queries, id, after, mostOf(limit) + 1);
    return {
      id,
      state: isFinal(row.state as RolloutState) ? 'done' : 'running',
      requester: row.requester,
      createdAt: toTime(row.created_at),
      finishedAt: toTimeOrNull(row.finished_at),
      counts: await countsOf(queries, id),
      ...toPage(hosts, mostOf(limit), ({ number }) => [number], toReadingHost),
    };
  });
}

async function countsOf(queries: Queries, id: string): Promise<Reading['counts']> {
  const [batch] = await loadBatches(queries, id);
  const { states } = JSON.parse(batch?.counts ?? '{}') as { states: Record<string, number> };
  const planned = batch?.size ?? 0;
  const waiting = (states['pending'] ?? 0) + (states['queued'] ?? 0) + (states['running'] ?? 0);
  const read = states['succeeded'] ?? 0;
  return { planned, waiting, read, failed: planned - waiting - read };
}

/** Hosts of a rollout with what was read of them, at most `limit` after that number. */
export async function hostsAfter(queries: Queries, id: string, after: number, limit: number) {
  return queries
    .selectFrom('rollout_hosts')
    .innerJoin('host_specs', (join) =>
      join
        .onRef('host_specs.rollout', '=', 'rollout_hosts.rollout')
        .onRef('host_specs.number', '=', 'rollout_hosts.number'),
    )
    .select([
      'rollout_hosts.number as number',
      'name',
      'site',
      'address',
      'state',
      'code',
      'message',
      'remedy',
      'facts_after',
    ])
    .where('rollout_hosts.rollout', '=', id)
    .where('rollout_hosts.number', '>', after)
    .orderBy('rollout_hosts.number')
    .limit(limit)
    .execute();
}

type HostRead = Awaited<ReturnType<typeof hostsAfter>>[number];

/** What became of a host that was to be read. */
export function toReadingHost(row: HostRead): ReadingHost {
  const { name, site, address, code, message, remedy } = row;
  const waits = ['pending', 'queued', 'running'].includes(row.state);
  const state = waits ? 'waiting' : row.state === 'succeeded' ? 'read' : 'failed';
  const facts = state === 'read' ? (fromJson<unknown>(row.facts_after) ?? null) : null;
  return { name, site, address, state, code, message, remedy, facts };
}
