import { GofleetError } from '#errors';

/** `not_found`: what, by which name, and where to look. */
export function notFound(what: string, name: string, remedy: string): GofleetError {
  return new GofleetError('not_found', `there is no ${what} ${name}`, { remedy });
}

export function noRollout(id: string): GofleetError {
  return notFound('rollout', id, 'Look at `gofleet rollout list`.');
}
