import type { GofleetError } from '#errors';
import { isGofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { Reason } from '#rollout';
import type { Engine } from '../engine.ts';
import { blobsMissing, missingBlobs } from './import.ts';
import { judgeBundle } from './judge.ts';

/**
 * Throws where the bundle of a rollout may not be sent to hosts now: its signature does not count any more, or blobs of
 * it are gone from the store (`blobs_missing`), as after a ledger was restored without them.
 */
export async function requireReady(
  engine: Engine,
  queries: Queries,
  rollout: string,
): Promise<void> {
  const bundle = await queries
    .selectFrom('bundles')
    .innerJoin('rollouts', 'rollouts.bundle_digest', 'bundles.digest')
    .select(['bundles.name', 'bundles.manifest', 'bundles.signature'])
    .where('rollouts.id', '=', rollout)
    .executeTakeFirst();
  // a simulated world has none
  if (!bundle) return;
  await judgeBundle(engine, bundle);
  const { blobs } = await engine.frozen.of(queries, rollout);
  const missing = await missingBlobs(engine, blobs);
  if (missing.length > 0) throw blobsMissing(bundle.name, missing);
}

/** The same as a reason for a rollout to stand still; undefined where it may go on. */
export async function unready(
  engine: Engine,
  queries: Queries,
  rollout: string,
): Promise<Reason | undefined> {
  try {
    await requireReady(engine, queries, rollout);
    return undefined;
  } catch (error) {
    if (!isGofleetError(error)) throw error;
    return { code: 'bundle_refused', message: sentence(error) };
  }
}

function sentence({ message, remedy }: GofleetError): string {
  return `${message} (${remedy})`;
}
