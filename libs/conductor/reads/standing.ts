import type { Rollout } from '#api';
import type { Queries } from '#ledger';
import { approvalEnd, currentBatch, explainWaits, type RolloutView } from '#rollout';
import { loadFreeze } from '../conduct/freeze.ts';
import { loadWindows } from '../conduct/windows.ts';
import { toTime, toTimeOrNull } from '../json.ts';
import type { Loaded } from './rollouts.ts';

/** Who is asked for what, and what a rollout waits for besides hosts at work. */
export async function standingOf(
  queries: Queries,
  { view, frozen, now }: Loaded,
): Promise<Pick<Rollout, 'approval' | 'waits'>> {
  const freeze = await loadFreeze(queries);
  const window = await windowOf(queries, { view, now, zone: frozen.plan.timezone });
  const waits = explainWaits({ ...view, freeze, window }, now);
  return {
    approval: await approvalOf(queries, view),
    waits: waits.map(({ message, until }) => ({ message, until: toTimeOrNull(until ?? null) })),
  };
}

/** Looked at only where it is what the rollout waits for. */
async function windowOf(
  queries: Queries,
  { view, now, zone }: { view: RolloutView; now: number; zone: string | undefined },
): Promise<RolloutView['window']> {
  if (view.state !== 'running' || view.reason?.code !== 'window') return undefined;
  const look = { queries, rollout: view.id, now, sites: [], shut: [], limit: 1 };
  const { window } = await loadWindows(look, { view, batch: currentBatch(view), zone });
  return window;
}

async function approvalOf(queries: Queries, view: RolloutView): Promise<Rollout['approval']> {
  const { approval, strategy } = view;
  const until = approvalEnd(view);
  if (!approval || until === undefined) return null;
  const { batch, askedAt, by } = approval;
  return {
    batch: batch ?? null,
    askedAt: toTime(askedAt),
    expiresAt: toTime(until),
    needed: strategy.approval.approvers,
    by: await namesOf(queries, by),
  };
}

/** A token that was revoked since has its id. */
async function namesOf(queries: Queries, tokens: string[]): Promise<string[]> {
  if (tokens.length === 0) return [];
  const rows = await queries
    .selectFrom('tokens')
    .select(['id', 'name'])
    .where('id', 'in', tokens)
    .execute();
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return tokens.map((id) => names.get(id) ?? id);
}
