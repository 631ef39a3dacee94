import type { Explanation } from '#api';
import { allowedActions, explainWaits } from '#rollout';
import { loadView } from '../conduct/view.ts';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';

/** How a rollout stands: why, what it waits for and until when, and what may be done. */
export async function explain(engine: Engine, rollout: string): Promise<Explanation> {
  const view = await engine.ledger.read((queries) => loadView(engine, queries, rollout));
  const { state, reason } = view;
  return {
    rollout,
    state,
    reason: reason ?? null,
    waits: explainWaits(view, engine.clock.now()).map(({ message, until }) => ({
      message,
      until: until === undefined ? null : toTime(until),
    })),
    allowedActions: allowedActions(view, engine.clock.now()),
  };
}
