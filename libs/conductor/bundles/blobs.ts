import type { Actor } from '#api';
import { READING, type Queries } from '#ledger';
import { FINAL_STATES } from '#rollout';
import type { Engine } from '../engine.ts';
import type { ByteRange } from '../interface.ts';
import { notFound } from '../not-found.ts';

/** How much of a blob is here; `not_found` where nobody is waiting for it. */
export async function blobStatus(
  engine: Engine,
  by: Actor,
  sha256: string,
): Promise<{ size: number; offset: number }> {
  const size = await sizeOf(engine, by, sha256);
  return { size, offset: (await engine.store.offset(sha256)) ?? 0 };
}

/** Appends a piece of an upload and answers the new offset. */
export async function appendBlob(
  engine: Engine,
  by: Actor,
  sha256: string,
  offset: number,
  body: AsyncIterable<Uint8Array>,
): Promise<number> {
  const size = await sizeOf(engine, by, sha256);
  const progress = await engine.store.append({ sha256, size, offset, body });
  return progress.offset;
}

/** A complete and verified blob, or a range of it. */
export async function readBlob(
  engine: Engine,
  by: Actor,
  sha256: string,
  range?: ByteRange,
): Promise<AsyncIterable<Uint8Array>> {
  await sizeOf(engine, by, sha256);
  const blob = await engine.store.get(sha256);
  return blob.read(range && { start: range.start, end: range.end + 1 });
}

async function sizeOf(engine: Engine, by: Actor, sha256: string): Promise<number> {
  const size = await engine.ledger.read(async (queries) =>
    by.role === 'worker'
      ? ((await sizeInUse(queries, sha256)) ?? (await sizeCompared(engine, queries, sha256)))
      : await sizeNamed(queries, sha256),
  );
  if (size === undefined)
    throw notFound('blob', sha256, 'Post the manifest that names it first (POST /v1/bundles).');
  return size;
}

async function sizeNamed(queries: Queries, sha256: string): Promise<number | undefined> {
  const row = await queries
    .selectFrom('bundle_blobs')
    .select('size')
    .where('sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst();
  return row?.size;
}

/** A worker gets the blobs of bundles that a rollout still works with, and those that a reading compares with. */
async function sizeInUse(queries: Queries, sha256: string): Promise<number | undefined> {
  const row = await queries
    .selectFrom('bundle_blobs')
    .innerJoin('rollouts', 'rollouts.bundle_digest', 'bundle_blobs.bundle')
    .select('bundle_blobs.size')
    .where('bundle_blobs.sha256', '=', sha256)
    .where('rollouts.state', 'not in', [...FINAL_STATES])
    .limit(1)
    .executeTakeFirst();
  return row?.size;
}

async function sizeCompared(
  engine: Engine,
  queries: Queries,
  sha256: string,
): Promise<number | undefined> {
  const readings = await queries
    .selectFrom('rollouts')
    .select('id')
    .where('purpose', '=', READING)
    .where('state', '=', 'running')
    .orderBy('id', 'desc')
    .limit(100)
    .execute();
  for (const { id } of readings) {
    const { blobs } = await engine.frozen.of(queries, id);
    const found = blobs.find((each) => each.sha256 === sha256);
    if (found) return found.size;
  }
  return undefined;
}
