import type { Quantity } from '#units';
import type { PlannedHost } from './duplicates.ts';
import type { RolloutPlan } from './plan.ts';
import type { Cut } from './plan-batches.ts';
import type { PlannedBatch } from './plan-rollout.ts';
import type { Strategy } from '../view/view.ts';

/** A plan, and what it came to. */
export interface Resolved {
  plan: Pick<RolloutPlan, 'strategy' | 'budgets'>;
  strategy: Strategy;
  batches: PlannedBatch[];
  cuts: Cut[];
  hosts: readonly PlannedHost[];
}

/** What a person should know before it starts, as sentences. */
export function planWarnings(resolved: Resolved): string[] {
  return [
    ...wholeToleratesNone(resolved),
    ...batchesTolerateNone(resolved),
    ...smallerForDomains(resolved),
    ...withoutDomain(resolved),
    ...approvalOfTheLast(resolved),
  ];
}

const TOLERANCES = ['maxFailures', 'maxUnreachable'] as const;

function wholeToleratesNone({ plan, strategy }: Resolved): string[] {
  return TOLERANCES.filter((key) => strategy[key] === 0).flatMap((key) =>
    toleratesNone(`budgets.${key}`, plan.budgets[key], strategy.planned, 'the rollout'),
  );
}

function batchesTolerateNone({ plan, batches }: Resolved): string[] {
  return TOLERANCES.flatMap((key) =>
    batches
      .filter((batch) => batch[key] === 0)
      .flatMap(({ entry, size, number }) => {
        const place = `strategy.batches[${entry}].${key}`;
        return toleratesNone(place, plan.strategy.batches[entry]?.[key], size, `batch ${number}`);
      }),
  );
}

function toleratesNone(
  path: string,
  share: Quantity | undefined,
  hosts: number,
  scope: string,
): string[] {
  if (!share || !('basisPoints' in share) || share.basisPoints === 0) return [];
  return [
    `${path}: ${share.basisPoints / 100}% of ${count(hosts)} rounds down to 0: ${scope} tolerates none`,
  ];
}

/** Batches that `maxPerDomain` left smaller than the plan says, one sentence an entry. */
function smallerForDomains({ plan, cuts }: Resolved): string[] {
  const short = cuts
    .map(({ places, wanted, entry }, index) => ({ number: index + 1, places, wanted, entry }))
    .filter(({ places, wanted }) => places.length < wanted);
  return [...Map.groupBy(short, ({ entry }) => entry)].map(([entry, [first, ...others]]) => {
    const where = `strategy.batches[${entry}]`;
    const also =
      others.length === 0 ? '' : `, and ${others.length} more of this entry are smaller too`;
    return (
      `${where}: batch ${first?.number} has ${count(first?.places.length ?? 0)} and not ${first?.wanted}, ` +
      `since maxPerDomain allows no more of one ${plan.strategy.failureDomain}${also}`
    );
  });
}

function withoutDomain({ plan, hosts }: Resolved): string[] {
  const { failureDomain } = plan.strategy;
  if (failureDomain === undefined) return [];
  const without = hosts.filter(({ domain }) => domain === undefined);
  if (without.length === 0) return [];
  const names = without.slice(0, 5).map(({ name }) => name);
  const more = without.length > names.length ? `, and ${without.length - names.length} more` : '';
  return [
    `strategy.failureDomain: ${count(without.length)} without the variable ${failureDomain}, each taken for a domain of its own: ${names.join(', ')}${more}`,
  ];
}

function approvalOfTheLast({ batches }: Resolved): string[] {
  const last = batches.at(-1);
  if (!last?.approval) return [];
  return [
    `strategy.batches[${last.entry}].approval: nobody is asked after batch ${last.number}, which is the last`,
  ];
}

function count(hosts: number): string {
  return `${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
}
