import { budgets } from './budgets.ts';
import type { Decision } from '../view/decision.ts';
import { isRetrying } from './broken-anew.ts';
import { signaturesLeft } from './signature-trip.ts';
import { isOverBudget } from './trip.ts';
import type { BatchView, HostNumber, NextHost, RolloutView } from '../view/view.ts';

/** The first host of a batch is about to be dispatched. */
export function startBatch(view: RolloutView, batch: BatchView): Decision | undefined {
  const begins = batch.startedAt === undefined && forwardHosts(view).length > 0;
  return begins ? { kind: 'startBatch', batch: batch.number } : undefined;
}

export function forward(view: RolloutView): Decision | undefined {
  const hosts = forwardHosts(view);
  return hosts.length > 0 ? { kind: 'dispatch', direction: 'forward', hosts } : undefined;
}

/** Places that are free, over all directions. */
export function room(view: RolloutView): number {
  return Math.max(0, view.strategy.concurrency - view.atWork);
}

/**
 * Hosts that may be put to work so that failures cannot exceed a budget by more than the one that trips it, even if
 * every host at work fails, and those whose last claim may still end late. One host always goes, so that there is
 * progress. Negative where more are at work; infinite where the plan is not strict.
 */
export function strictRoom(view: RolloutView): number {
  if (!view.strategy.strict) return Infinity;
  const left = budgets(view).map(({ tally, tolerance }) => tolerance + 1 - tally.open);
  const working = view.working.forward + view.working.bake + view.doubtful;
  return Math.max(1, Math.min(...left, signaturesLeft(view))) - working;
}

function forwardHosts(view: RolloutView): HostNumber[] {
  const places = room(view);
  const isFull = domainGate(view);
  const chosen: HostNumber[] = [];
  let left = strictRoom(view);
  for (const host of offered(view)) {
    if (chosen.length >= places) break;
    // a doubtful one is counted already
    if ((left <= 0 && !host.doubtful) || isFull(host)) continue;
    if (!host.doubtful) left -= 1;
    chosen.push(host.number);
  }
  return chosen;
}

/** While a retry is answered for a budget that is still exceeded, nothing but the retried hosts starts. */
function offered(view: RolloutView): NextHost[] {
  const { forward: hosts, retries } = view.next;
  return isRetrying(view) && isOverBudget(view) ? hosts.slice(0, retries) : hosts;
}

/** Whether the domain of a host has its share at work; one that has not takes a place of it. */
function domainGate({ domainsAtWork, strategy }: RolloutView): (host: NextHost) => boolean {
  const working = new Map(Object.entries(domainsAtWork));
  const shares = new Map(Object.entries(strategy.domains));
  return ({ domain }) => {
    if (domain === undefined) return false;
    const atWork = working.get(domain) ?? 0;
    if (atWork >= (shares.get(domain) ?? Infinity)) return true;
    working.set(domain, atWork + 1);
    return false;
  };
}
