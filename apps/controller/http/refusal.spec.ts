import { expect, it } from 'vitest';
import type { Known } from './auth.guard.ts';
import { refusalOf } from './refusal.ts';

const OLGA = { token: 'o', name: 'olga', role: 'viewer', site: null } as const;

function request(said: object): Known {
  return {
    method: 'POST',
    url: '/v1/rollouts/01J/resume?x=1',
    ip: '::1',
    headers: {},
    params: { id: '01J' },
    route: { path: '/v1/rollouts/:id/resume' },
    ...said,
  } as Known;
}

const bearer = { authorization: 'Bearer gf_x' };

it.each([
  ['a verb that a token may not do', { actor: OLGA }, 'forbidden', { rollout: '01J', by: OLGA }],
  [
    'what is of no rollout',
    { actor: OLGA, route: { path: '/v1/tokens/:id' } },
    'forbidden',
    { rollout: undefined, what: 'POST /v1/tokens/:id' },
  ],
  [
    'a token that nobody has',
    { headers: bearer, method: 'GET' },
    'unauthorized',
    { by: undefined },
  ],
  [
    'one at an address that is not there',
    { headers: bearer, route: undefined },
    'unauthorized',
    { what: 'POST /v1/rollouts/01J/resume' },
  ],
  ['no token at all', {}, 'unauthorized', undefined],
  ['reading without leave', { actor: OLGA, method: 'GET' }, 'forbidden', undefined],
  ['what is wrong in another way', { actor: OLGA }, 'conflict', undefined],
])('%s', (_, said, code, expected) => {
  const found = refusalOf(request(said), code);
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject({ code, address: '::1', ...expected });
});
