import type { Actor, BlobRef, BundleBody, BundleSummary, Trust } from '#api';
import { digestOf, readManifest, signedBy, type Manifest } from '#bundle';
import { GofleetError, toGofleetError } from '#errors';
import type { Queries } from '#ledger';
import { audit } from '../access/audit.ts';
import { chunks } from '../chunks.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { toTime } from '../json.ts';
import { judgeBy, policyOf, trustText } from './judge.ts';
import { retainBundles } from './retain.ts';

/** The list of missing blobs, and with it the leave to upload them, is kept for a week. */
export const ANNOUNCED_FOR = 7 * 24 * 3_600_000;

/**
 * Imports a bundle whose blobs are all there; else `blobs_missing`, and they may be uploaded from then on. Who signed it
 * is looked at before anything is stored.
 */
export async function importBundle(
  engine: Engine,
  by: Actor,
  body: BundleBody,
): Promise<BundleSummary> {
  const imported = await engine.bundles.use(() => take(engine, by, body));
  await retainBundles(engine).catch((error: unknown) =>
    engine.log.error({ error }, 'removing older bundles failed, it is tried again'),
  );
  return imported;
}

async function take(engine: Engine, by: Actor, body: BundleBody): Promise<BundleSummary> {
  const manifest = readManifest(body.manifest);
  const digest = digestOf(body.manifest);
  const { signature, trust } = await judge(engine, by, { ...body, name: manifest.name, digest });
  const missing = await missingBlobs(engine, manifest.blobs, isGood);
  const now = engine.clock.now();
  const kept = { digest, text: body.manifest, signature, manifest, trust, now };
  await engine.write((queries) => keep(queries, by, kept, missing.length));
  if (missing.length > 0) throw blobsMissing(manifest.name, missing);
  if (trust.state === 'untrusted')
    engine.log.warn({ bundle: manifest.name, digest, code: trust.code }, trust.message);
  return { name: manifest.name, digest, importedAt: toTime(now), ...sumOf(manifest), trust };
}

interface Offered extends BundleBody {
  name: string;
  digest: string;
}

interface Judged {
  signature: string | null;
  trust: Trust;
}

/** The signature that counts, of the one that came and the one that is here. What is refused is audited. */
async function judge(engine: Engine, by: Actor, offered: Offered): Promise<Judged> {
  const { name, digest, manifest } = offered;
  const here = await engine.ledger.read((queries) => signatureHere(queries, digest));
  const now = engine.clock.now();
  try {
    const policy = await policyOf(engine);
    const judged = (signature: string | null): Judged => ({
      signature,
      trust: judgeBy(policy, { name, manifest, signature }, now),
    });
    const came = judged(offered.signature ?? here);
    if (came.trust.state !== 'untrusted' || here === null) return came;
    const before = judged(here);
    return before.trust.state === 'trusted' ? before : came;
  } catch (error) {
    const { code, message } = toGofleetError(error);
    const after = { digest, name, code, message };
    await engine.write((queries) => audit(queries, now, { by, verb: 'bundle.refuse', after }));
    throw error;
  }
}

async function signatureHere(queries: Queries, digest: string): Promise<string | null> {
  const row = await queries
    .selectFrom('bundles')
    .select('signature')
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row?.signature ?? null;
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

interface Kept extends Judged {
  digest: string;
  text: string;
  manifest: Manifest;
  now: number;
}

/** One transaction: the manifest, its blobs, and who brought what. */
async function keep(queries: Queries, by: Actor, kept: Kept, missing: number): Promise<void> {
  const { digest, manifest, trust, now } = kept;
  const before = await standingOf(queries, digest);
  await keepManifest(queries, kept);
  await keepBlobs(queries, digest, manifest);
  if (missing === 0) await markImported(queries, digest, now);
  const after = await standingOf(queries, digest);
  if (before?.imported === after?.imported && before?.signed === after?.signed) return;
  const verb = missing === 0 ? 'bundle.import' : 'bundle.announce';
  await audit(queries, now, { by, verb, before, after: { ...after, missing, trust } });
  if (missing > 0 || trust.state !== 'untrusted') return;
  const message = `bundle ${manifest.name} was imported all the same: ${trustText(trust)}`;
  const details = { code: trust.code, message, bundle: manifest.name, digest };
  await tell(queries, now, { type: 'alert', rollout: null, details });
}

async function keepManifest(queries: Queries, kept: Kept): Promise<void> {
  const { digest, text, signature, manifest, now } = kept;
  const key = signature === null ? undefined : signedBy(Buffer.from(text), signature);
  const signed = { signature, signed_by: key?.toString('base64') ?? null };
  await queries
    .insertInto('bundles')
    .values({
      digest,
      name: manifest.name,
      manifest: text,
      ...signed,
      ...sumOf(manifest),
      imported_at: null,
      expires_at: now + ANNOUNCED_FOR,
    })
    .onConflict((conflict) => conflict.column('digest').doUpdateSet(signed))
    .execute();
  await queries
    .updateTable('bundles')
    .set({ expires_at: now + ANNOUNCED_FOR })
    .where('digest', '=', digest)
    .where('imported_at', 'is', null)
    .execute();
}

async function keepBlobs(queries: Queries, digest: string, manifest: Manifest): Promise<void> {
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
    .select(['name', 'imported_at', 'signature'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  if (!row) return undefined;
  const { name, imported_at, signature } = row;
  return { digest, name, imported: imported_at !== null, signed: signature !== null };
}

async function markImported(queries: Queries, digest: string, now: number): Promise<void> {
  await queries
    .updateTable('bundles')
    .set({ imported_at: now, expires_at: null })
    .where('digest', '=', digest)
    .execute();
}

function sumOf({ blobs }: Manifest): { blobs: number; size: number } {
  return { blobs: blobs.length, size: blobs.reduce((sum, { size }) => sum + size, 0) };
}
