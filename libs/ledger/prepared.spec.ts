import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMemoryLedger, type MemoryLedger } from './memory.ts';
import { prepared, type Slot } from './prepared.ts';
import type { Ledger } from './types.ts';

let memory: MemoryLedger;
let ledger: Ledger;
beforeEach(() => {
  memory = openMemoryLedger();
  ledger = memory.open();
});
afterEach(() => memory[Symbol.dispose]());

interface Line {
  rollout: string;
  host: number;
  text: string;
}

const insert = prepared((queries, slot: Slot<Line>) =>
  queries
    .insertInto('host_logs')
    .values({ rollout: slot('rollout'), host: slot('host'), text: slot('text'), at: 7, epoch: 1 }),
);
const setText = prepared((queries, slot: Slot<Line>) =>
  queries
    .updateTable('host_logs')
    .set({ text: slot('text'), epoch: 2 })
    .where('rollout', '=', slot('rollout'))
    .where('host', '=', slot('host')),
);
const texts = prepared((queries, slot: Slot<{ rollout: string; most: number }>) =>
  queries
    .selectFrom('host_logs')
    .select(['text', 'epoch', 'at'])
    .where('rollout', '=', slot('rollout'))
    .orderBy('host')
    .limit(slot('most')),
);

it('runs with other values each time, its constants stay', async () => {
  await ledger.write(async (queries) => {
    for (const host of [1, 2, 3])
      await insert(queries, { rollout: 'r', host, text: `text of ${host}` });
    await setText(queries, { rollout: 'r', host: 2, text: 'changed' });
  });
  const found = (most: number) => ledger.read((queries) => texts(queries, { rollout: 'r', most }));
  expect(await found(9)).toEqual([
    { text: 'text of 1', epoch: 1, at: 7 },
    { text: 'changed', epoch: 2, at: 7 },
    { text: 'text of 3', epoch: 1, at: 7 },
  ]);
  expect(await found(1)).toHaveLength(1);
});

it('stands for the same value wherever a slot comes twice', async () => {
  const twice = prepared((queries, slot: Slot<{ value: number }>) =>
    queries
      .selectFrom('fleet')
      .select((build) => [build.val(slot('value')).as('one'), build.val(slot('value')).as('two')]),
  );
  expect(await ledger.read((queries) => twice(queries, { value: 5 }))).toEqual([
    { one: 5, two: 5 },
  ]);
});
