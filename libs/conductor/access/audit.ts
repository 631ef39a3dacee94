import { auditHash, type Actor, type AuditEntry, type Page, type Role } from '#api';
import type { AuditRow, Queries } from '#ledger';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import type { AuditFilter } from '../interface.ts';
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

/** gofleet itself, where nobody asked. */
export const ITSELF: Actor = { token: '', name: 'gofleet', role: 'admin', site: null };

/** Written in the transaction of the deed itself; its hash holds the entry before it. */
export async function audit(queries: Queries, at: number, deed: Deed): Promise<void> {
  const row = {
    at,
    who: deed.by.name,
    token: deed.by.token,
    role: deed.by.role,
    verb: deed.verb,
    rollout: deed.rollout ?? null,
    note: deed.note ?? null,
    before: toJson(deed.before),
    after: toJson(deed.after),
  };
  const last = await queries
    .selectFrom('audit')
    .select('hash')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const hash = auditHash(last?.hash ?? null, toEntry({ id: 0, hash: null, ...row }));
  await queries
    .insertInto('audit')
    .values({ ...row, hash })
    .execute();
}

/** Newest first, or in the order in which it was done. */
export async function listAudit(
  engine: Engine,
  { limit, cursor, order = 'desc', rollout }: AuditFilter,
): Promise<Page<AuditEntry>> {
  const [seen] = readCursor<[number]>(cursor, ['number']) ?? [undefined];
  const rows = await engine.ledger.read((queries) => {
    let query = queries
      .selectFrom('audit')
      .selectAll()
      .orderBy('id', order)
      .limit(mostOf(limit) + 1);
    if (seen !== undefined) query = query.where('id', order === 'asc' ? '>' : '<', seen);
    if (rollout !== undefined) query = query.where('rollout', '=', rollout);
    return query.execute();
  });
  return toPage(rows, mostOf(limit), (row) => [row.id], toEntry);
}

export function toEntry(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: toTime(row.at),
    who: row.who,
    token: row.token,
    role: row.role as Role,
    verb: row.verb,
    rollout: row.rollout,
    note: row.note,
    before: fromJson(row.before) ?? null,
    after: fromJson(row.after) ?? null,
    hash: row.hash,
  };
}
