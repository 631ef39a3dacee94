import type { Queries } from '#ledger';
import { planVerb, type Decision, type RolloutState, type RolloutView } from '#rollout';
import type { Engine } from '../engine.ts';
import { carryOut } from './carry-out.ts';
import { supersededBy } from './conflict.ts';
import { loadStill } from './view.ts';

/** Neither over nor on its way out: what ends when another takes its place. */
const STANDING: RolloutState[] = ['pending_approval', 'scheduled', 'running', 'paused'];

/**
 * When a rollout starts, or waits to, the one that it supersedes is aborted: hosts at work drain, nothing is rolled
 * back. Answers which one was aborted now.
 */
export async function supersede(
  engine: Engine,
  queries: Queries,
  view: RolloutView,
  decision: Decision,
): Promise<string | undefined> {
  const waits = decision.kind === 'wait' && decision.reason?.code === 'superseded';
  if (view.state !== 'scheduled' || !(waits || decision.kind === 'start')) return undefined;
  const id = await supersededBy(queries, view.id);
  if (id === null) return undefined;
  const other = await loadStill(engine, queries, id);
  if (!STANDING.includes(other.state)) return undefined;
  const verb = { kind: 'abort', inflight: 'drain', rollback: 'none', stopRollback: false } as const;
  const now = engine.clock.now();
  const asking = { now, token: '', requester: '', planDigest: '' };
  const reason = { code: 'superseded', message: `superseded by rollout ${view.id}` } as const;
  const change = { ...planVerb(other, verb, asking), reason };
  await carryOut(engine, queries, other, change, { kind: 'abort', tagged: true });
  return id;
}
