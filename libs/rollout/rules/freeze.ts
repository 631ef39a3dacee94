import type { Decision } from '../view/decision.ts';
import type { RolloutView } from '../view/view.ts';

/** A rollout that runs into a freeze waits for a person, also after the freeze has ended. */
export function freeze(view: RolloutView): Decision | undefined {
  return view.state === 'running' && view.freeze
    ? { kind: 'pause', reason: view.freeze.reason }
    : undefined;
}
