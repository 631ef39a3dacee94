import type { DecisionRecord, Page, PageQuery } from '#api';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { fromJson, toTime } from '../json.ts';
import { requireRollout } from './hosts.ts';

/** What moved a gate or a state, oldest first. */
export async function listDecisions(
  engine: Engine,
  rollout: string,
  { limit, cursor }: PageQuery,
): Promise<Page<DecisionRecord>> {
  const [after] = readCursor<[number]>(cursor, ['number']) ?? [0];
  const rows = await engine.ledger.read(async (queries) => {
    await requireRollout(queries, rollout);
    return queries
      .selectFrom('decisions')
      .selectAll()
      .where('rollout', '=', rollout)
      .where('number', '>', after)
      .orderBy('number')
      .limit(mostOf(limit) + 1)
      .execute();
  });
  return toPage(
    rows,
    mostOf(limit),
    (row) => [row.number],
    (row) => ({
      number: row.number,
      at: toTime(row.at),
      kind: row.kind,
      batch: row.batch,
      by: row.by,
      reason: fromJson<NonNullable<DecisionRecord['reason']>>(row.reason) ?? null,
      evidence: fromJson<NonNullable<DecisionRecord['evidence']>>(row.evidence) ?? null,
      hosts: JSON.parse(row.hosts) as string[],
    }),
  );
}
