import type { Refusal } from '#conductor';
import { type Known, secretOf } from './auth.guard.ts';

/**
 * What of a refused request is written down: what a known token may not do, where it would have changed something, and
 * every token that nobody has. A request without a token, and reading without leave, harm nobody.
 */
export function refusalOf(request: Known, code: string): Refusal | undefined {
  const { actor, ip, method, params, route } = request;
  const what = `${method} ${route?.path ?? request.url.split('?')[0]}`;
  if (code === 'unauthorized' && secretOf(request) !== undefined)
    return { by: undefined, what, code, address: ip };
  const changes = method !== 'GET' && method !== 'HEAD';
  if (code !== 'forbidden' || !changes || !actor) return undefined;
  const ofRollout = route?.path.startsWith('/v1/rollouts/:id') === true;
  const id = Object.entries(Object.assign({}, params)).find(([key]) => key === 'id')?.[1];
  const rollout = ofRollout && typeof id === 'string' ? id : undefined;
  return { by: actor, what, code, address: ip, rollout };
}
