import { createHash } from 'node:crypto';
import type { PlannedHost } from './duplicates.ts';
import type { RolloutPlan } from './plan.ts';

type Order = RolloutPlan['strategy']['order'];

/**
 * Places in the list of hosts, in the order in which they are cut into batches. `shuffled` depends on the seed and
 * the names alone, so that the same plan over the same hosts gives the same order at any time.
 */
export function orderHosts(order: Order, hosts: readonly PlannedHost[], seed: string): number[] {
  switch (order) {
    case 'inventory':
      return hosts.map((_, place) => place);
    case 'shuffled':
      return byRank(hosts.map(({ name }) => shuffleRank(seed, name)));
    case 'spread':
      return byRank(spreadRanks(hosts));
    default:
      throw new TypeError(order satisfies never);
  }
}

/** Hosts of equal rank stay in the order of the inventory. */
function byRank(ranks: number[]): number[] {
  const places = ranks.map((_, place) => place);
  return places.sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b);
}

function shuffleRank(seed: string, name: string): number {
  return createHash('sha256').update(`${seed}\n${name}`).digest().readUIntBE(0, 6);
}

/**
 * The domains take turns, the larger ones more often: the hosts of each lie evenly over the whole order, so that
 * every part of it has of every domain its share. Hosts without a domain are spread like one.
 */
function spreadRanks(hosts: readonly PlannedHost[]): number[] {
  const sizes = new Map<string | undefined, number>();
  for (const { domain } of hosts) sizes.set(domain, (sizes.get(domain) ?? 0) + 1);
  const met = new Map<string | undefined, number>();
  return hosts.map(({ domain }) => {
    const before = met.get(domain) ?? 0;
    met.set(domain, before + 1);
    return (before + 0.5) / (sizes.get(domain) ?? 1);
  });
}
