import type { Actor, BlobRef } from '#api';
import type { Queries } from '#ledger';
import { audit, ITSELF } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import { readNeeds } from './needs.ts';

/**
 * Where the deps say how many are kept: forgets bundles that nobody finished to bring, and of each name all but the newest ones that nothing needs; then
 * the blobs that no bundle names. Audited.
 */
export async function retainBundles(engine: Engine): Promise<void> {
  if (engine.keepBundles === undefined) return;
  await engine.bundles.alone(async () => {
    const forgotten = await forgetExpired(engine);
    const removed = await removeSurplus(engine);
    if (forgotten + removed > 0) await collectBlobs(engine);
  });
}

const AT_ONCE = 1000;

/** Answers how many. */
async function forgetExpired(engine: Engine): Promise<number> {
  const now = engine.clock.now();
  const expired = await engine.ledger.read((queries) =>
    queries
      .selectFrom('bundles')
      .select(['digest', 'name'])
      .where('imported_at', 'is', null)
      .where('expires_at', '<', now)
      .limit(AT_ONCE)
      .execute(),
  );
  for (const bundle of expired)
    await removeRows(engine, ITSELF, { ...bundle, why: 'its blobs were not sent in time' });
  return expired.length;
}

/** Hosts are asked for only where there is something to remove. Answers how many were. */
async function removeSurplus(engine: Engine): Promise<number> {
  const surplus = await findSurplus(engine);
  if (surplus.length === 0) return 0;
  const needs = await readNeeds(engine);
  const unneeded = surplus.filter(({ digest }) => !needs.has(digest));
  for (const bundle of unneeded)
    await removeRows(engine, ITSELF, {
      ...bundle,
      why: `older than the ${engine.keepBundles} of its name that are kept`,
    });
  return unneeded.length;
}

/** Of each name, the bundles that were imported before the newest ones. */
async function findSurplus({ ledger, keepBundles }: Engine): Promise<Removed[]> {
  if (keepBundles === undefined) return [];
  const rows = await ledger.read((queries) =>
    queries
      .selectFrom('bundles')
      .select(['digest', 'name'])
      .where('imported_at', 'is not', null)
      .orderBy('imported_at', 'desc')
      .orderBy('digest')
      .limit(AT_ONCE)
      .execute(),
  );
  const byName = Map.groupBy(rows, ({ name }) => name);
  return [...byName.values()].flatMap((bundles) => bundles.slice(keepBundles));
}

interface Removed {
  digest: string;
  name: string;
}

/** Its manifest and the names of its blobs; the blobs themselves go with `collectBlobs`. */
export async function removeRows(
  engine: Engine,
  by: Actor,
  { digest, name, why }: Removed & { why?: string },
): Promise<void> {
  await engine.write(async (queries) => {
    await queries.deleteFrom('bundle_blobs').where('bundle', '=', digest).execute();
    await queries.deleteFrom('bundles').where('digest', '=', digest).execute();
    const before = { digest, name };
    await audit(queries, engine.clock.now(), { by, verb: 'bundle.remove', note: why, before });
  });
  engine.log.info({ bundle: name, digest, by: by.name, why }, 'a bundle was removed');
}

/** Removes the blobs that no bundle names, and answers them. Only with the bundles to itself. */
export async function collectBlobs({ ledger, store, log }: Engine): Promise<BlobRef[]> {
  const kept = new Set<string>();
  let after = '';
  for (;;) {
    const names = await ledger.read((queries) => namesAfter(queries, after));
    for (const name of names) kept.add(name);
    after = names.at(-1) ?? after;
    if (names.length < AT_ONCE) break;
  }
  const removed = await store.collect(kept);
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  if (removed.length > 0) log.info({ blobs: removed.length, bytes }, 'blobs were removed');
  return removed;
}

async function namesAfter(queries: Queries, after: string): Promise<string[]> {
  const rows = await queries
    .selectFrom('bundle_blobs')
    .select('sha256')
    .distinct()
    .where('sha256', '>', after)
    .orderBy('sha256')
    .limit(AT_ONCE)
    .execute();
  return rows.map(({ sha256 }) => sha256);
}
