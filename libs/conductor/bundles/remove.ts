import type { Actor, BundleNeeds, BundleRemoved } from '#api';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { notFound } from '../not-found.ts';
import { findBundle } from './list.ts';
import { readNeeds } from './needs.ts';
import { collectBlobs, removeRows } from './retain.ts';

/**
 * Removes a bundle by name or digest, with the blobs that no other names; also one whose blobs never all came. Throws
 * `not_found`, `in_use` with what needs it.
 */
export async function removeBundle(
  engine: Engine,
  by: Actor,
  nameOrDigest: string,
): Promise<BundleRemoved> {
  return engine.bundles.alone(async () => {
    const bundle = await engine.ledger.read((queries) => findAny(queries, nameOrDigest));
    if (!bundle) throw notFound('bundle', nameOrDigest, 'Look at GET /v1/bundles.');
    const { digest, name } = bundle;
    const need = (await readNeeds(engine)).get(digest);
    if (need) throw inUse(name, need);
    await removeRows(engine, by, { digest, name });
    const blobs = await collectBlobs(engine);
    const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
    return { name, digest, blobs: blobs.length, size };
  });
}

async function findAny(queries: Queries, nameOrDigest: string) {
  const imported = await findBundle(queries, nameOrDigest);
  if (imported) return imported;
  return queries
    .selectFrom('bundles')
    .select(['digest', 'name'])
    .where('digest', '=', nameOrDigest.replace(/^sha256:/, ''))
    .executeTakeFirst();
}

/** Rollouts and plans that are named; the rest is counted. */
const SHOWN = 5;

function inUse(name: string, need: BundleNeeds): GofleetError {
  const { rollouts, plans, hosts } = need;
  const reasons = [
    ...rollouts.slice(0, SHOWN).map(({ id, state }) => `rollout ${id} (${state})`),
    ...(rollouts.length > SHOWN ? [`${rollouts.length - SHOWN} more rollouts`] : []),
    ...plans.slice(0, SHOWN).map((id) => `the preview ${id}`),
    ...(plans.length > SHOWN ? [`${plans.length - SHOWN} more previews`] : []),
    ...(hosts > 0 ? [`${hosts === 1 ? '1 host' : `${hosts} hosts`} of the fleet`] : []),
  ];
  return new GofleetError('in_use', `bundle ${name} is needed by ${reasons.join(', ')}`, {
    remedy: REMEDY,
    details: {
      rollouts: rollouts.slice(0, 100),
      plans: plans.slice(0, 100),
      hosts,
    } satisfies BundleNeeds,
  });
}

const REMEDY =
  'End those rollouts, let previews expire (7 days), and bring hosts to another bundle; what they have, or would have after a rollback, is kept.';
