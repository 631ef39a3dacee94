import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMemoryLedger, type MemoryLedger } from './memory.ts';
import { findRow, updateRow } from './rows.ts';
import type { Ledger } from './types.ts';

let memory: MemoryLedger;
let ledger: Ledger;
beforeEach(async () => {
  memory = openMemoryLedger();
  ledger = memory.open();
  await ledger.write(async (queries) => {
    for (const id of ['a', 'b'])
      await queries
        .insertInto('workers')
        .values({ id, site: 'here', release: '1', open: 1, first_beat: 5, last_beat: 5 })
        .execute();
  });
});
afterEach(() => memory[Symbol.dispose]());

it('changes the named columns of the one row, and leaves out what is undefined', async () => {
  await ledger.write((queries) =>
    updateRow(queries, 'workers', { id: 'a' }, { last_beat: 9, open: undefined, release: '2' }),
  );
  const found = (id: string) => ledger.read((queries) => findRow(queries, 'workers', { id }));
  expect(await found('a')).toEqual({
    id: 'a',
    site: 'here',
    release: '2',
    open: 1,
    first_beat: 5,
    last_beat: 9,
  });
  expect(await found('b')).toMatchObject({ last_beat: 5 });
});

it('finds nothing under a key that is not there', async () => {
  expect(await ledger.read((queries) => findRow(queries, 'workers', { id: 'c' }))).toBeUndefined();
});
