import { expect, it } from 'vitest';
import type { TokenRow } from '#ledger';
import { createKnownTokens } from './known-tokens.ts';

const row = (id: string) => ({ id }) as TokenRow;

it('reads a token once, until tokens change', async () => {
  const tokens = createKnownTokens();
  let reads = 0;
  const read = async () => row(String(++reads));
  expect(await tokens.of('h', read)).toEqual({ id: '1' });
  expect(await tokens.of('h', read)).toEqual({ id: '1' });
  tokens.forget();
  expect(await tokens.of('h', read)).toEqual({ id: '2' });
});

it('does not keep what was being read when tokens changed', async () => {
  const tokens = createKnownTokens();
  const { promise, resolve } = Promise.withResolvers<TokenRow>();
  const old = tokens.of('h', () => promise);
  tokens.forget();
  resolve(row('revoked'));
  await old;
  expect(await tokens.of('h', async () => undefined)).toBeUndefined();
});

it('does not remember that there was none', async () => {
  const tokens = createKnownTokens();
  expect(await tokens.of('h', async () => undefined)).toBeUndefined();
  expect(await tokens.of('h', async () => row('new'))).toEqual({ id: 'new' });
});
