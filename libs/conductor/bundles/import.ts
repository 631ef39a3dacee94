import type { Actor, BlobRef, BundleBody, BundleSummary } from '#api';
import { digestOf, readManifest, type Manifest } from '#bundle';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import { audit } from '../access/audit.ts';
import { chunks } from '../chunks.ts';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';

/** The list of missing blobs, and with it the leave to upload them, is kept for a week. */
const KEPT = 7 * 24 * 3_600_000;

/** Imports a bundle whose blobs are all there; else `blobs_missing`, and they may be uploaded from then on. */
export async function importBundle(
  engine: Engine,
  by: Actor,
  { manifest: text, signature }: BundleBody,
): Promise<BundleSummary> {
  const manifest = readManifest(text);
  const digest = digestOf(text);
  const missing = await missingBlobs(engine, manifest.blobs, isGood);
  const now = engine.clock.now();
  await engine.write(async (queries) => {
    await forgetExpired(queries, now);
    const before = await standingOf(queries, digest);
    await keepManifest(queries, { digest, text, signature, manifest, now });
    if (missing.length === 0) await markImported(queries, digest, now);
    const after = { ...(await standingOf(queries, digest)), missing: missing.length };
    const verb = missing.length === 0 ? 'bundle.import' : 'bundle.announce';
    if (before?.imported !== after.imported) await audit(queries, now, { by, verb, before, after });
  });
  if (missing.length > 0) throw blobsMissing(manifest.name, missing);
  return { name: manifest.name, digest, importedAt: toTime(now), ...sumOf(manifest) };
}

type IsThere = (store: Engine['store'], sha256: string) => Promise<boolean>;

const isComplete: IsThere = (store, sha256) => store.has(sha256);
/** Hashed anew: a blob that went bad is set aside and can be uploaded again. */
const isGood: IsThere = async (store, sha256) => (await store.verify(sha256)) === 'good';

/** Of these, the blobs that are not in the store, each once. */
export async function missingBlobs(
  { store }: Pick<Engine, 'store'>,
  blobs: readonly BlobRef[],
  isThere = isComplete,
): Promise<BlobRef[]> {
  const missing = new Map<string, BlobRef>();
  for (const { sha256, size } of blobs)
    if (!missing.has(sha256) && !(await isThere(store, sha256)))
      missing.set(sha256, { sha256, size });
  return [...missing.values()];
}

export function blobsMissing(bundle: string, missing: BlobRef[]): GofleetError {
  const message = `bundle ${bundle}: ${missing.length} of its blobs are not in the store`;
  return new GofleetError('blobs_missing', message, {
    remedy: 'Upload them (`gofleet bundle import` does) and try again.',
    details: { missing },
  });
}

interface Kept {
  digest: string;
  text: string;
  signature: string | null;
  manifest: Manifest;
  now: number;
}

async function keepManifest(queries: Queries, kept: Kept): Promise<void> {
  const { digest, text, signature, manifest, now } = kept;
  const values = {
    digest,
    name: manifest.name,
    manifest: text,
    signature,
    ...sumOf(manifest),
    imported_at: null,
    expires_at: now + KEPT,
  };
  await queries
    .insertInto('bundles')
    .values(values)
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
  await queries
    .updateTable('bundles')
    .set({ expires_at: now + KEPT })
    .where('digest', '=', digest)
    .where('imported_at', 'is', null)
    .execute();
  const blobs = new Map(manifest.blobs.map(({ sha256, size }) => [sha256, size]));
  const rows = [...blobs].map(([sha256, size]) => ({ bundle: digest, sha256, size }));
  for (const some of chunks(rows, 500))
    await queries
      .insertInto('bundle_blobs')
      .values(some)
      .onConflict((conflict) => conflict.columns(['sha256', 'bundle']).doNothing())
      .execute();
}

/** What the audit keeps of a bundle; undefined where nobody named it before. */
async function standingOf(queries: Queries, digest: string) {
  const row = await queries
    .selectFrom('bundles')
    .select(['name', 'imported_at'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row && { digest, name: row.name, imported: row.imported_at !== null };
}

async function markImported(queries: Queries, digest: string, now: number): Promise<void> {
  await queries
    .updateTable('bundles')
    .set({ imported_at: now, expires_at: null })
    .where('digest', '=', digest)
    .execute();
}

async function forgetExpired(queries: Queries, now: number): Promise<void> {
  const expired = await queries
    .selectFrom('bundles')
    .select('digest')
    .where('imported_at', 'is', null)
    .where('expires_at', '<', now)
    .limit(100)
    .execute();
  for (const { digest } of expired) {
    await queries.deleteFrom('bundle_blobs').where('bundle', '=', digest).execute();
    await queries.deleteFrom('bundles').where('digest', '=', digest).execute();
  }
}

function sumOf({ blobs }: Manifest): { blobs: number; size: number } {
  return { blobs: blobs.length, size: blobs.reduce((sum, { size }) => sum + size, 0) };
}
