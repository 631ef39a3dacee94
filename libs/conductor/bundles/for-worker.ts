import type { Actor, WorkerBundle } from '#api';
import type { Engine } from '../engine.ts';
import { notFound } from '../not-found.ts';

/** The manifest of a bundle and its signature, for a worker whose site has a claim that needs it. Throws `not_found`. */
export async function bundleForWorker(
  { ledger }: Engine,
  { site }: Actor,
  digest: string,
): Promise<WorkerBundle> {
  const row = await ledger.read((queries) =>
    queries
      .selectFrom('bundles')
      .select(['manifest', 'signature'])
      .where('digest', '=', digest)
      .where((build) =>
        build.exists(
          build
            .selectFrom('rollout_hosts')
            .innerJoin('rollouts', 'rollouts.id', 'rollout_hosts.rollout')
            .select('rollout_hosts.number')
            .where('rollout_hosts.work', '=', 'claimed')
            .where('rollout_hosts.site', '=', site ?? '')
            .whereRef('rollouts.bundle_digest', '=', 'bundles.digest'),
        ),
      )
      .executeTakeFirst(),
  );
  if (row) return row;
  throw notFound('bundle', digest, 'A worker reads the bundles of its claims, while it has them.');
}
