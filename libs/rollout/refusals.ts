import { GofleetError } from '#errors';
import { allowedActions } from './allowed-actions.ts';
import type { RolloutState } from './states.ts';
import type { VerbKind } from './verbs.ts';

/** Throws `conflict`, with the actions that are allowed. */
export function requireAllowed(rollout: { state: RolloutState }, verb: VerbKind): void {
  if (allowedActions(rollout).includes(verb)) return;
  throw conflict(rollout, `${verb} is not possible while the rollout is ${rollout.state}`);
}

/** The present state does not allow it: 409 with `allowedActions`. */
export function conflict(
  rollout: { state: RolloutState },
  message: string,
  more: { remedy?: string; details?: Record<string, unknown> } = {},
): GofleetError {
  const actions = allowedActions(rollout);
  const remedy =
    actions.length > 0
      ? `Look at the rollout again; allowed now: ${actions.join(', ')}.`
      : 'This rollout is over; start a new one.';
  return new GofleetError('conflict', message, {
    remedy: more.remedy ?? remedy,
    details: { ...more.details, allowedActions: actions, state: rollout.state },
  });
}

/** 400: the body lacks something that this rollout needs. */
export function invalidRequest(path: string, message: string, remedy: string): GofleetError {
  return new GofleetError('invalid_request', message, { remedy, errors: [{ path, message }] });
}
