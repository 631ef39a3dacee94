import type { BundleDetail, BundleSummary, Page, PageQuery, Trust } from '#api';
import { readManifest } from '#bundle';
import type { BundleRow, Queries } from '#ledger';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import { notFound } from '../not-found.ts';
import { missingBlobs } from './import.ts';
import { trustsOf } from './judge.ts';

/** Newest import first. */
export async function listBundles(
  engine: Engine,
  { limit, cursor }: PageQuery,
): Promise<Page<BundleSummary>> {
  const [at, digest] = readCursor<[number, string]>(cursor, ['number', 'string']) ?? [
    Number.MAX_SAFE_INTEGER,
    '',
  ];
  return engine.ledger.read(async (queries) => {
    const rows = await queries
      .selectFrom('bundles')
      .select(['digest', 'name', 'imported_at', 'blobs', 'size', 'signature', 'signed_by'])
      .where('imported_at', 'is not', null)
      .where((where) =>
        where.or([
          where('imported_at', '<', at),
          where.and([where('imported_at', '=', at), where('digest', '>', digest)]),
        ]),
      )
      .orderBy('imported_at', 'desc')
      .orderBy('digest')
      .limit(mostOf(limit) + 1)
      .execute();
    const trusts = await trustsOf(engine, queries, rows);
    const cursorOf = (row: Summed) => [row.imported_at ?? 0, row.digest];
    return toPage(rows, mostOf(limit), cursorOf, (row) => toSummary(row, trusts));
  });
}

export async function getBundle(engine: Engine, nameOrDigest: string): Promise<BundleDetail> {
  return engine.ledger.read(async (queries) => {
    const row = await findBundle(queries, nameOrDigest);
    if (!row) throw notFound('bundle', nameOrDigest, 'Look at GET /v1/bundles, or import it.');
    const { blobs } = readManifest(row.manifest);
    return {
      ...toSummary(row, await trustsOf(engine, queries, [row])),
      manifest: JSON.parse(row.manifest) as unknown,
      missing: await missingBlobs(engine, blobs),
    };
  });
}

/** An imported bundle by its digest (with or without `sha256:`), or the one imported last under a name. */
export async function findBundle(
  queries: Queries,
  nameOrDigest: string,
): Promise<BundleRow | undefined> {
  const digest = nameOrDigest.replace(/^sha256:/, '');
  const imported = queries.selectFrom('bundles').selectAll().where('imported_at', 'is not', null);
  const byDigest = await imported.where('digest', '=', digest).executeTakeFirst();
  if (byDigest) return byDigest;
  return imported
    .where('name', '=', nameOrDigest)
    .orderBy('imported_at', 'desc')
    .orderBy('digest')
    .limit(1)
    .executeTakeFirst();
}

type Summed = Pick<BundleRow, 'name' | 'digest' | 'imported_at' | 'blobs' | 'size'>;

function toSummary(row: Summed, trusts: ReadonlyMap<string, Trust>): BundleSummary {
  const { name, digest, blobs, size } = row;
  const trust = trusts.get(digest) ?? { state: 'unchecked' };
  return { name, digest, importedAt: toTime(row.imported_at ?? 0), blobs, size, trust };
}
