import { quantityOf, type Quantity } from '#units';
import type { PlannedHost } from '../planning/duplicates.ts';

/** Hosts of a failure domain that may be in one batch and at work at once. */
export type DomainShares = Map<string, number>;

/**
 * The share of each domain's planned hosts, rounded down, at least 1; empty where the plan sets no `maxPerDomain`.
 * A host without the variable is a domain of its own: nothing says what it would fail together with.
 */
export function domainShares(
  maxPerDomain: Quantity | undefined,
  hosts: readonly PlannedHost[],
): DomainShares {
  const shares: DomainShares = new Map();
  if (!maxPerDomain) return shares;
  for (const { domain } of hosts)
    if (domain !== undefined) shares.set(domain, (shares.get(domain) ?? 0) + 1);
  for (const [domain, planned] of shares)
    shares.set(domain, Math.max(1, quantityOf(maxPerDomain, planned)));
  return shares;
}
