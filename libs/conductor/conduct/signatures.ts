import type { Queries } from '#ledger';
import type { SignatureTally } from '#rollout';

/** Rows by signature and batch; the largest come first, and a trip needs the largest alone. */
const MOST = 999;

/**
 * Failures that look alike, over the whole rollout, the most first. Counted are hosts that stand failed: what a
 * rollback did to a host is no failure of the rollout.
 */
export async function loadSignatures(queries: Queries, rollout: string): Promise<SignatureTally[]> {
  const tallies = new Map<string, SignatureTally & { latest: number }>();
  for (const row of await countByBatch(queries, rollout)) {
    const before = tallies.get(row.signature);
    const isLater = !before || row.latest >= before.latest;
    tallies.set(row.signature, {
      signature: row.signature,
      message: before?.message ?? row.message,
      open: (before?.open ?? 0) + row.hosts - row.acknowledged,
      covered: (before?.covered ?? 0) + row.covered,
      acknowledged: (before?.acknowledged ?? 0) + row.acknowledged,
      batch: isLater ? row.batch : before.batch,
      latest: isLater ? row.latest : before.latest,
    });
  }
  return [...tallies.values()]
    .toSorted((a, b) => b.open - a.open || a.signature.localeCompare(b.signature))
    .map(({ latest: _, ...tally }) => tally);
}

async function countByBatch(queries: Queries, rollout: string) {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn, eb }) => [
      'signature',
      'batch',
      fn.min('message').as('message'),
      fn.max('ended_at').as('latest'),
      fn.countAll<number>().as('hosts'),
      fn.sum<number>('acknowledged').as('acknowledged'),
      fn
        .sum<number>(
          eb
            .case()
            .when(eb.and([eb('acknowledged', '=', 0), eb('covered_by', 'is not', null)]))
            .then(1)
            .else(0)
            .end(),
        )
        .as('covered'),
    ])
    .where('rollout', '=', rollout)
    .where('signature', 'is not', null)
    .where('state', 'in', ['failed', 'lost', 'unreachable'])
    .groupBy(['signature', 'batch'])
    .orderBy('hosts', 'desc')
    .orderBy('signature')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({
    ...row,
    signature: row.signature ?? '',
    batch: row.batch ?? 0,
    message: row.message ?? '',
    latest: row.latest ?? 0,
  }));
}
