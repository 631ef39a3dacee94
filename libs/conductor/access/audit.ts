import type { Actor, AuditEntry, Page, PageQuery, Role } from '#api';
import type { Queries } from '#ledger';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { fromJson, toJson, toTime } from '../json.ts';

/** What a person did, with what it was before and after. */
export interface Deed {
  by: Actor;
  verb: string;
  rollout?: string;
  note?: string | undefined;
  before?: unknown;
  after?: unknown;
}

/** Written in the transaction of the deed itself. */
export async function audit(queries: Queries, at: number, deed: Deed): Promise<void> {
  await queries
    .insertInto('audit')
    .values({
      at,
      who: deed.by.name,
      token: deed.by.token,
      role: deed.by.role,
      verb: deed.verb,
      rollout: deed.rollout ?? null,
      note: deed.note ?? null,
      before: toJson(deed.before),
      after: toJson(deed.after),
    })
    .execute();
}

/** Newest first. */
export async function listAudit(
  engine: Engine,
  { limit, cursor }: PageQuery,
): Promise<Page<AuditEntry>> {
  const [before] = readCursor<[number]>(cursor, ['number']) ?? [Number.MAX_SAFE_INTEGER];
  const rows = await engine.ledger.read((queries) =>
    queries
      .selectFrom('audit')
      .selectAll()
      .where('id', '<', before)
      .orderBy('id', 'desc')
      .limit(mostOf(limit) + 1)
      .execute(),
  );
  return toPage(
    rows,
    mostOf(limit),
    (row) => [row.id],
    (row) => ({
      id: row.id,
      at: toTime(row.at),
      who: row.who,
      role: row.role as Role,
      verb: row.verb,
      rollout: row.rollout,
      note: row.note,
      before: fromJson(row.before) ?? null,
      after: fromJson(row.after) ?? null,
    }),
  );
}
