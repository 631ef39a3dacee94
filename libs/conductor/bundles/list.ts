import type { BundleDetail, BundleSummary, Page, PageQuery } from '#api';
import type { BundleRow, Queries } from '#ledger';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import { notFound } from '../not-found.ts';

/** Newest import first. */
export async function listBundles(
  engine: Engine,
  { limit, cursor }: PageQuery,
): Promise<Page<BundleSummary>> {
  const [at, digest] = readCursor<[number, string]>(cursor, ['number', 'string']) ?? [
    Number.MAX_SAFE_INTEGER,
    '',
  ];
  const rows = await engine.ledger.read((queries) =>
    queries
      .selectFrom('bundles')
      .select(['digest', 'name', 'imported_at', 'blobs', 'size'])
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
      .execute(),
  );
  return toPage(rows, mostOf(limit), (row) => [row.imported_at ?? 0, row.digest], toSummary);
}

export async function getBundle(engine: Engine, nameOrDigest: string): Promise<BundleDetail> {
  const row = await engine.ledger.read((queries) => findBundle(queries, nameOrDigest));
  if (!row) throw notFound('bundle', nameOrDigest, 'Look at GET /v1/bundles, or import it.');
  return { ...toSummary(row), manifest: JSON.parse(row.manifest) as unknown };
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

function toSummary(
  row: Pick<BundleRow, 'name' | 'digest' | 'imported_at' | 'blobs' | 'size'>,
): BundleSummary {
  const { name, digest, blobs, size } = row;
  return { name, digest, importedAt: toTime(row.imported_at ?? 0), blobs, size };
}
