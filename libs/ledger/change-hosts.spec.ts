import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  changeHost,
  emptyCounts,
  HOST_STATES,
  isSelected,
  recount,
  type HostChange,
  type HostRow,
  type HostSelection,
} from '#rollout';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeHosts } from './change-hosts.ts';
import { openLedger } from './open.ts';
import { countBatches, recountBatches } from './recount.ts';
import type { HostRow as LedgerHost } from './tables.ts';
import type { Ledger, Queries } from './types.ts';

const ROLLOUT = 'r';
const DECISION = 9;

let folder: string;
let ledger: Ledger;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  ledger = await openLedger({ folder });
  await ledger.write(insertRollout);
});
afterAll(async () => {
  await ledger[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const states = HOST_STATES.filter((state) => state !== 'excluded');
const outcomes = ['succeeded', 'failed', 'unreachable', 'lost'] as const;
const changes: HostChange[] = [
  ...(['requeue', 'retry', 'revive', 'cancel', 'stop', 'cover', 'acknowledge'] as const),
  ...(['skip', 'bake'] as const),
  ...(['rollBack', 'rollBackAfter', 'stopRollBack'] as const),
];

const host: fc.Arbitrary<HostRow> = fc.record({
  number: fc.constant(0),
  batch: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom(...states),
  outcome: fc.option(fc.constantFrom(...outcomes), { nil: undefined }),
  unchanged: fc.boolean(),
  changed: fc.boolean(),
  acknowledged: fc.boolean(),
  coveredBy: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  retried: fc.boolean(),
  task: fc.option(fc.constantFrom('forward' as const, 'probe' as const), { nil: undefined }),
  rollBackAfter: fc.boolean(),
  baked: fc.boolean(),
  signature: fc.option(fc.constantFrom('health-1', 'disk-2'), { nil: undefined }),
  expiries: fc.integer({ min: 0, max: 3 }),
});

const selection: fc.Arbitrary<HostSelection> = fc.record(
  {
    states: fc.subarray(states, { minLength: 1 }),
    batches: fc.subarray([1, 2, 3], { minLength: 1 }),
    numbers: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
    outcomes: fc.subarray([...outcomes], { minLength: 1 }),
    changed: fc.constant(true as const),
    idle: fc.constant(true as const),
    counted: fc.constant(true as const),
    coveredUpTo: fc.integer({ min: 1, max: 5 }),
    signature: fc.constantFrom('health-1', 'disk-2'),
  },
  { requiredKeys: [] },
);

it('changes hosts in SQL exactly as the rules say for one row, and counts them so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(host, { minLength: 1, maxLength: 6 }),
      selection,
      fc.constantFrom(...changes),
      async (made, select, set) => {
        const rows = made.map((row, number) => ({ ...row, number }));
        const expected = rows.map((row) =>
          isSelected(row, select) ? changeHost(row, set, DECISION) : row,
        );
        const found = await ledger.write(async (queries) => {
          await insertHosts(queries, rows);
          await changeHosts(queries, { rollout: ROLLOUT, select, set, now: 5, decision: DECISION });
          await recountBatches(queries, ROLLOUT);
          return readBack(queries);
        });
        expect(found.hosts).toEqual(expected);
        for (const batch of [1, 2, 3]) {
          const counts = recount(expected.filter((row) => row.batch === batch));
          expect(found.counted.get(batch) ?? emptyCounts()).toEqual(counts);
          expect(found.stored.get(batch)).toEqual(counts);
        }
      },
    ),
    { numRuns: 300 },
  );
});

async function insertRollout(queries: Queries): Promise<void> {
  await queries
    .insertInto('rollouts')
    .values({
      id: ROLLOUT,
      name: 'r',
      labels: '{}',
      state: 'running',
      reason: null,
      rev: 1,
      version: 1,
      plan_digest: '',
      bundle_name: '',
      bundle_digest: '',
      playbook: '',
      inventory: '',
      targets: '',
      requester: '',
      requester_token: '',
      created_at: 1,
      started_at: null,
      finished_at: null,
      excluded: 0,
      rollback: null,
      abort: null,
      trips: '[]',
      last_tripped: null,
      remind_at: null,
    })
    .execute();
  for (const number of [1, 2, 3])
    await queries
      .insertInto('batches')
      .values({
        rollout: ROLLOUT,
        number,
        state: 'running',
        size: 6,
        delay: 0,
        max_failures: null,
        max_unreachable: null,
        started_at: null,
        passed_at: null,
        worked: 0,
        worked_since: null,
        waived: '[]',
        reason: null,
        counts: '{}',
      })
      .execute();
}

async function insertHosts(queries: Queries, rows: HostRow[]): Promise<void> {
  await queries.deleteFrom('rollout_hosts').execute();
  for (const row of rows)
    await queries
      .insertInto('rollout_hosts')
      .values({
        rollout: ROLLOUT,
        number: row.number,
        name: `h${row.number}`,
        site: 's',
        address: '',
        batch: row.batch,
        state: row.state,
        outcome: row.outcome ?? null,
        acknowledged: Number(row.acknowledged),
        unchanged: Number(row.unchanged),
        changed: Number(row.changed),
        covered_by: row.coveredBy ?? null,
        retried: Number(row.retried),
        roll_back_after: Number(row.rollBackAfter),
        work: row.task === undefined ? 'idle' : 'claimed',
        task: row.task ?? null,
        expiries: row.expiries,
        delivery: 0,
        queued_at: null,
        invited_at: null,
        epoch: 0,
        worker: null,
        lease_until: null,
        stop: 0,
        due_at: null,
        work_from: null,
        reason: null,
        code: null,
        message: null,
        remedy: null,
        signature: row.signature ?? null,
        baked: Number(row.baked),
        step: null,
        started_at: null,
        ended_at: null,
      })
      .execute();
}

async function readBack(queries: Queries) {
  const rows = await queries.selectFrom('rollout_hosts').selectAll().orderBy('number').execute();
  const batches = await queries.selectFrom('batches').select(['number', 'counts']).execute();
  return {
    hosts: rows.map(toRow),
    counted: await countBatches(queries, ROLLOUT),
    stored: new Map(batches.map(({ number, counts }) => [number, JSON.parse(counts) as unknown])),
  };
}

function toRow(row: LedgerHost): HostRow {
  return {
    number: row.number,
    batch: row.batch ?? 0,
    state: row.state as HostRow['state'],
    outcome: (row.outcome ?? undefined) as HostRow['outcome'],
    unchanged: row.unchanged === 1,
    changed: row.changed === 1,
    acknowledged: row.acknowledged === 1,
    coveredBy: row.covered_by ?? undefined,
    retried: row.retried === 1,
    task: (row.task ?? undefined) as HostRow['task'],
    rollBackAfter: row.roll_back_after === 1,
    baked: row.baked === 1,
    signature: row.signature ?? undefined,
    expiries: row.expiries,
  };
}
