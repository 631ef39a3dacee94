import { createHash, randomBytes } from 'node:crypto';
import type { Actor, NewToken, Permission, Page, PageQuery, Role, Token, TokenBody } from '#api';
import { findRow, updateRow, type Queries, type TokenRow } from '#ledger';
import { ulid } from 'ulid';
import { audit, ITSELF } from './audit.ts';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { toTime, toTimeOrNull } from '../json.ts';
import { notFound } from '../not-found.ts';

/** `last_used_at` is no finer, so that reads do not become writes. */
const USE_NOTED_EVERY = 3_600_000;

/** The SHA-256 of a secret: all that is stored of it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Undefined where no token has this secret. */
export async function authenticate(engine: Engine, secret: string): Promise<Actor | undefined> {
  const hash = hashSecret(secret);
  const row = await engine.tokens.of(hash, () =>
    engine.ledger.read((queries) => findRow(queries, 'tokens', { hash })),
  );
  if (!row) return undefined;
  const now = engine.clock.now();
  if (now - (row.last_used_at ?? 0) > USE_NOTED_EVERY)
    await changing(engine, (queries) =>
      updateRow(queries, 'tokens', { id: row.id }, { last_used_at: now }),
    );
  const { id: token, name, role, site, permissions } = toToken(row);
  return { token, name, role, site, permissions };
}

/** A change of tokens counts from its commit on, and before this resolves. */
async function changing(engine: Engine, change: (queries: Queries) => Promise<void>) {
  engine.tokens.forget();
  await engine.write(change).finally(() => engine.tokens.forget());
}

export async function createToken(engine: Engine, by: Actor, body: TokenBody): Promise<NewToken> {
  const secret = `gf_${randomBytes(32).toString('base64url')}`;
  const row = newRow(engine, { ...body, secret }, by.name);
  await engine.write(async (queries) => {
    await queries.insertInto('tokens').values(row).execute();
    const { id, name, role, site, permissions } = toToken(row);
    const after = { id, name, role, site, permissions };
    await audit(queries, engine.clock.now(), { by, verb: 'token.create', after });
  });
  return { ...toToken(row), secret };
}

/** For the first start: makes sure that a token with this secret is there. */
export async function ensureToken(
  engine: Engine,
  token: { name: string; role: Role; site?: string; secret: string },
): Promise<void> {
  await engine.write(async (queries) => {
    const row = await queries
      .insertInto('tokens')
      .values(newRow(engine, token, ITSELF.name))
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) return;
    const { id, name, role, site } = row;
    const after = { id, name, role, site };
    await audit(queries, engine.clock.now(), { by: ITSELF, verb: 'token.create', after });
  });
}

export async function listTokens(
  engine: Engine,
  { limit, cursor }: PageQuery,
): Promise<Page<Token>> {
  const [after] = readCursor<[string]>(cursor, ['string']) ?? [''];
  const rows = await engine.ledger.read((queries) =>
    queries
      .selectFrom('tokens')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(mostOf(limit) + 1)
      .execute(),
  );
  return toPage(rows, mostOf(limit), (row) => [row.id], toToken);
}

export async function revokeToken(engine: Engine, by: Actor, id: string): Promise<void> {
  await changing(engine, async (queries) => {
    const gone = await queries.deleteFrom('tokens').where('id', '=', id).returningAll().execute();
    const [row] = gone;
    if (!row) throw notFound('token', id, 'Look at `gofleet token list`.');
    const before = { id: row.id, name: row.name, role: row.role, site: row.site };
    await audit(queries, engine.clock.now(), { by, verb: 'token.revoke', before });
  });
}

function newRow(
  { clock }: Engine,
  { name, role, site, permissions, secret }: TokenBody & { secret: string },
  by: string,
): TokenRow {
  return {
    id: ulid(clock.now()),
    name: name ?? (site === undefined ? role : `${role} ${site}`),
    role,
    site: site ?? null,
    hash: hashSecret(secret),
    created_at: clock.now(),
    created_by: by,
    last_used_at: null,
    permissions: JSON.stringify(permissions ?? []),
  };
}

function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    site: row.site,
    permissions: JSON.parse(row.permissions) as Permission[],
    createdAt: toTime(row.created_at),
    createdBy: row.created_by,
    lastUsedAt: toTimeOrNull(row.last_used_at),
  };
}
