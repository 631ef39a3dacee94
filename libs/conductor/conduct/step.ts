import type { Queries } from '#ledger';
import { changeOf, decide, type Reason, type RolloutView } from '#rollout';
import type { Engine } from '../engine.ts';
import { toJson } from '../json.ts';
import { carryOut } from './carry-out.ts';
import { keepClock } from './clock.ts';
import { dispatchHosts } from './dispatch.ts';
import { supersede } from './supersede.ts';
import { loadView } from './view.ts';

/** What a step ended with: something was done, or there is nothing to do until then. */
export type Step = { done: true } | { done: false; until: number | undefined };

/** Looks at a rollout and does what is next, in one transaction. */
export async function step(engine: Engine, rollout: string): Promise<Step> {
  const woken = new Set<string>();
  const result = await engine.write(async (queries): Promise<Step> => {
    const now = engine.clock.now();
    const view = await loadView(engine, queries, rollout);
    await keepClock(queries, view, now);
    const decision = decide(view, now);
    const superseded = await supersede(engine, queries, view, decision);
    if (superseded !== undefined) woken.add(superseded);
    switch (decision.kind) {
      case 'wait':
        await noteReason(queries, view, decision.reason);
        return { done: false, until: decision.until };
      case 'dispatch':
        return (await dispatchHosts(queries, rollout, decision, now)) > 0
          ? { done: true }
          : { done: false, until: now + 1000 };
      case 'trip':
      case 'start':
      case 'askApproval':
      case 'pause':
      case 'startBake':
      case 'startBatch':
      case 'passGate':
      case 'skipBatch':
      case 'startRollback':
      case 'endRollback':
      case 'finish':
        await carryOut(engine, queries, view, changeOf(view, decision, now), {
          kind: decision.kind,
          tagged: decision.kind === 'trip',
          trip: decision.kind === 'trip' ? decision : undefined,
          batch: 'batch' in decision ? decision.batch : undefined,
          evidence: 'evidence' in decision ? decision.evidence : undefined,
        });
        if (decision.kind === 'finish' || decision.kind === 'endRollback')
          await wakeSuperseding(queries, rollout, woken);
        return { done: true };
      default:
        throw new TypeError(decision satisfies never);
    }
  }, engine.patience);
  if (result.done) engine.send();
  for (const other of woken) engine.wake(other);
  return result;
}

/** One that waited for the end of this one to take its hosts. */
async function wakeSuperseding(
  queries: Queries,
  rollout: string,
  woken: Set<string>,
): Promise<void> {
  const rows = await queries
    .selectFrom('rollouts')
    .select('id')
    .where('state', '=', 'scheduled')
    .where('supersedes', '=', rollout)
    .execute();
  for (const { id } of rows) woken.add(id);
}

const NOTED: RolloutView['state'][] = ['running', 'scheduled'];

/** A rollout that waits for something out of the ordinary says for what. */
async function noteReason(
  queries: Queries,
  view: RolloutView,
  reason: Reason | undefined,
): Promise<void> {
  if (!NOTED.includes(view.state) || toJson(reason) === toJson(view.reason)) return;
  await queries
    .updateTable('rollouts')
    .set({ reason: toJson(reason) })
    .where('id', '=', view.id)
    .where('rev', '=', view.rev)
    .execute();
}
