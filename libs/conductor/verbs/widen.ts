import type { Queries } from '#ledger';
import type { RolloutView, Strategy } from '#rollout';
import { quantityOf, type Quantity } from '#units';
import type { Frozen } from '../frozen.ts';

/** The numbers of a rollout with more hosts: shares are of all of them, unless a person set a number since. */
export async function widened(
  queries: Queries,
  { id, strategy }: RolloutView,
  { plan }: Frozen,
  added: number,
): Promise<Strategy> {
  const { planned } = strategy;
  const again = (share: Quantity | undefined, present: number | undefined) =>
    share !== undefined && present === quantityOf(share, planned)
      ? quantityOf(share, planned + added)
      : present;
  return {
    ...strategy,
    planned: planned + added,
    maxFailures: again(plan.budgets?.maxFailures, strategy.maxFailures),
    maxUnreachable: again(plan.budgets?.maxUnreachable, strategy.maxUnreachable),
    domains: await domainsOf(queries, id, plan.strategy?.maxPerDomain),
  };
}

/** Of each domain's planned hosts, the new ones among them. */
async function domainsOf(
  queries: Queries,
  rollout: string,
  share: Quantity | undefined,
): Promise<Strategy['domains']> {
  if (!share) return {};
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => ['domain', fn.countAll<number>().as('hosts')])
    .where('rollout', '=', rollout)
    .where('batch', 'is not', null)
    .where('domain', 'is not', null)
    .groupBy('domain')
    .execute();
  return Object.fromEntries(
    rows.map(({ domain, hosts }) => [domain ?? '', Math.max(1, quantityOf(share, hosts))]),
  );
}
