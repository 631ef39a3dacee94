import type { Actor, Reading, ReadingBody } from '#api';
import { GofleetError } from '#errors';
import { selectHosts, type Host } from '#inventory';
import { pin, readKnownHosts } from '../create/pins.ts';
import { readInventory } from '../create/sources.ts';
import type { Engine } from '../engine.ts';
import { getReading } from './get.ts';
import { knownHosts } from './known-hosts.ts';
import { knownTrees } from './known-trees.ts';
import { startReading } from './start.ts';

/** Begins to read the hosts that a person names. */
export async function readHosts(engine: Engine, by: Actor, body: ReadingBody): Promise<Reading> {
  const hosts = await hostsOf(engine, body);
  const trees = body.trees === true ? await knownTrees(engine) : undefined;
  const id = await startReading(engine, by, { hosts, trees });
  return getReading(engine, id, { limit: 1 });
}

async function hostsOf(engine: Engine, body: ReadingBody): Promise<Host[]> {
  if (body.inventory !== undefined && body.targets !== undefined) {
    const inventory = await readInventory(engine, body.inventory);
    const known = await readKnownHosts(engine.knownHosts);
    return selectHosts(inventory.value, body.targets, {}).map((host) => pin(host, known));
  }
  const patterns = [body.hosts ?? []].flat();
  const hosts = await knownHosts(engine.ledger, patterns);
  if (hosts.length > 0) return hosts;
  const message = `no known host matches ${patterns.slice(0, 5).join(', ')}`;
  throw new GofleetError('no_hosts', message, {
    remedy:
      'A host is known once a rollout has had it; look at GET /v1/fleet. Others are read with their inventory.',
    errors: [{ path: 'hosts', message }],
  });
}
