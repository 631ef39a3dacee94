import type { DecisionRecord, Page, PageQuery } from '#api';
import type { DecisionRow } from '#ledger';
import { explainDecision, type AskedVerb, type Evidence, type RolloutState } from '#rollout';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { fromJson, toTime } from '../json.ts';
import { requireRollout } from './hosts.ts';

/** What moved a gate or a state, oldest first, each in plain words too. */
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
  return toPage(rows, mostOf(limit), (row) => [row.number], toDecision);
}

interface Details {
  before?: RolloutState;
  after?: RolloutState;
  asked?: AskedVerb;
  note?: string;
}

export function toDecision(row: DecisionRow): DecisionRecord {
  const details = fromJson<Details>(row.details) ?? {};
  const told = {
    number: row.number,
    kind: row.kind,
    batch: row.batch,
    by: row.by,
    note: details.note ?? null,
    reason: fromJson<NonNullable<DecisionRecord['reason']>>(row.reason) ?? null,
    evidence: fromJson<Evidence>(row.evidence) ?? null,
    hosts: JSON.parse(row.hosts) as string[],
    before: details.before ?? null,
    after: details.after ?? null,
    asked: details.asked ?? null,
  };
  const { asked, evidence } = told;
  return {
    ...told,
    at: toTime(row.at),
    asked: asked && { ...asked },
    evidence: evidence && { ...evidence },
    explanation: explainDecision(told),
  };
}
