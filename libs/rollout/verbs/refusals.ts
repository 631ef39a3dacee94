import { GofleetError } from '#errors';
import { allowedActions, type Standing } from './allowed-actions.ts';
import type { VerbKind } from './verbs.ts';
import type { Instant } from '../view/view.ts';

/** A rollout at the moment at which somebody asks something of it. */
export type Present = Standing & { now: Instant };

/** Throws `conflict`, with the actions that are allowed. */
export function requireAllowed(rollout: Present, verb: VerbKind): void {
  if (allowedActions(rollout, rollout.now).includes(verb)) return;
  const nothing = verb === 'advance' && rollout.state === 'running';
  const why = nothing
    ? 'there is no delay, bake or window that it waits for'
    : `${verb} is not possible while the rollout is ${rollout.state}`;
  throw conflict(rollout, why);
}

/** The present state does not allow it: 409 with `allowedActions`. */
export function conflict(
  rollout: Present,
  message: string,
  more: { remedy?: string; details?: Record<string, unknown> } = {},
): GofleetError {
  const actions = allowedActions(rollout, rollout.now);
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
