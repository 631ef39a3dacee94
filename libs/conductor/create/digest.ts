import { createHash } from 'node:crypto';
import { planDigest } from '#rollout';
import type { Drawing } from './drawing.ts';
import type { NewHost } from './host-rows.ts';

/** Hosts hashed in one turn. */
const TURN = 500;

type Digested = Pick<
  Drawing,
  'plan' | 'operations' | 'bundle' | 'targets' | 'planned' | 'excluded' | 'hosts'
>;

/** Names all that a rollout freezes: plan, resolved operations, bundle, hosts with connections and pins. */
export async function digestOf(drawing: Digested): Promise<string> {
  const { plan, operations, bundle, targets, planned, excluded } = drawing;
  const hosts = createHash('sha256');
  for (let from = 0; from < planned + excluded; from += TURN)
    for (const host of await drawing.hosts(from, TURN)) hosts.update(textOf(host));
  return planDigest({
    schema: 2,
    plan,
    targets,
    operations,
    bundle: bundle.digest,
    hosts: hosts.digest('hex'),
  });
}

/** What is frozen of a host, and whether it is excluded, but not since when. */
function textOf({ name, site, batch, domain, zone, groups, connection }: NewHost): string {
  return JSON.stringify([name, site, batch, domain, zone, groups, connection]);
}
