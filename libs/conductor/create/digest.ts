import { setImmediate as nextTick } from 'node:timers/promises';
import { planDigest } from '#rollout';
import { chunks } from '../chunks.ts';
import type { Prepared } from './prepare.ts';

/** Hosts hashed in one turn of the event loop. */
const TURN = 500;

/** Names all that a rollout freezes: plan, resolved operations, bundle, hosts with connections and pins. */
export async function digestOf(prepared: Prepared): Promise<string> {
  const { plan, operations, bundle, targets } = prepared;
  const hosts: string[] = [];
  for (const some of chunks(prepared.hosts, TURN)) {
    hosts.push(
      planDigest(
        some.map(({ name, site, groups, connection }) => ({ name, site, groups, connection })),
      ),
    );
    await nextTick();
  }
  const { inventory: _, ...rest } = plan;
  return planDigest({ schema: 1, plan: rest, targets, operations, bundle: bundle.digest, hosts });
}
