import { setImmediate as nextTick } from 'node:timers/promises';
import type { Host } from '#inventory';
import type { ResolvedOperation } from '#operations';
import { planDigest, type RolloutPlan } from '#rollout';
import { chunks } from '../chunks.ts';
import { ZONE, type Excluded } from './host-rows.ts';

/** Hosts hashed in one turn of the event loop. */
const TURN = 500;

/** What a digest is made of. */
export interface Digested {
  plan: RolloutPlan;
  operations: ResolvedOperation[];
  bundle: { digest: string };
  targets: string;
  hosts: Host[];
  excluded: Excluded[];
}

/** Names all that a rollout freezes: plan, resolved operations, bundle, hosts with connections and pins. */
export async function digestOf(digested: Digested): Promise<string> {
  const { plan, operations, bundle, targets } = digested;
  const hosts = await digestsOf(digested.hosts);
  const excluded = await digestsOf(digested.excluded.map(({ host }) => host));
  const { inventory: _, ...rest } = plan;
  return planDigest({
    schema: 2,
    plan: rest,
    targets,
    operations,
    bundle: bundle.digest,
    hosts,
    excluded,
  });
}

async function digestsOf(all: Host[]): Promise<string[]> {
  const digests: string[] = [];
  for (const some of chunks(all, TURN)) {
    const hosts = some.map(({ name, site, groups, connection, vars }) => {
      return { name, site, groups, connection, zone: vars[ZONE] };
    });
    digests.push(planDigest(hosts));
    await nextTick();
  }
  return digests;
}
