import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLedger } from './open.ts';
import type { Ledger, Queries } from './types.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
});
const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Closed after the test. */
async function open(): Promise<Ledger> {
  const ledger = await openLedger({ folder });
  opened.push(ledger);
  return ledger;
}

const token = (id: string) => ({
  id,
  name: id,
  role: 'viewer',
  site: null,
  hash: id,
  created_at: 1,
  created_by: 'test',
  last_used_at: null,
});
const add = (id: string) => async (queries: Queries) => {
  await queries.insertInto('tokens').values(token(id)).execute();
  return id;
};
const names = async (queries: Queries) =>
  (await queries.selectFrom('tokens').select('id').orderBy('id').execute()).map(({ id }) => id);

it('keeps the fleet and what was written over a restart', async () => {
  const first = await openLedger({ folder });
  await first.write(add('a'));
  await first[Symbol.asyncDispose]();
  const second = await open();
  expect(second.fleet).toBe(first.fleet);
  expect(await second.read(names)).toEqual(['a']);
});

it('shares a transaction among jobs, and a job that throws takes back its own work alone', async () => {
  const ledger = await open();
  const broken = async (queries: Queries) => {
    await add('b')(queries);
    throw new Error('no');
  };
  const results = await Promise.allSettled([
    ledger.write(add('a')),
    ledger.write(broken),
    ledger.write(add('a')),
    ledger.write(add('c')),
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  expect(await ledger.read(names)).toEqual(['a', 'c']);
});

it('reads one snapshot while a transaction is under way', async () => {
  const ledger = await open();
  const [before, after] = await ledger.read(async (queries) => {
    const first = await names(queries);
    await ledger.write(add('a'));
    return [first, await names(queries)];
  });
  expect([before, after]).toEqual([[], []]);
  expect(await ledger.read(names)).toEqual(['a']);
});

it('refuses to bind what would silently become NULL', async () => {
  const ledger = await open();
  const wrong = new Date() as unknown as number;
  const job = ledger.write((queries) =>
    queries
      .insertInto('tokens')
      .values({ ...token('a'), created_at: wrong })
      .execute(),
  );
  await expect(job).rejects.toThrow(/text and numbers alone/);
});

it('refuses a second opener, in this process and in another, until it is closed', async () => {
  const script = `
    import { openLedger } from ${JSON.stringify(join(import.meta.dirname, 'open.ts'))};
    try { await openLedger({ folder: ${JSON.stringify(folder)} }); console.log('open'); process.exit(0); }
    catch (error) { console.log(error.code); }`;
  const elsewhere = () =>
    execFileSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    }).trim();
  const ledger = await openLedger({ folder });
  await expect(openLedger({ folder })).rejects.toMatchObject({ code: 'conflict' });
  expect(elsewhere()).toBe('conflict');
  await ledger[Symbol.asyncDispose]();
  expect(elsewhere()).toBe('open');
  const again = await open();
  expect(again.fleet).toBe(ledger.fleet);
});

it('lets a patient job wait for company, and ends the wait when one comes that is not', async () => {
  const ledger = await open();
  const seen: string[] = [];
  const job = (id: string, patience?: number) =>
    ledger
      .write(async () => void seen.push(`runs ${id}`), patience)
      .then(() => seen.push(`done ${id}`));
  const first = job('a', 60_000);
  await sleep(20);
  const second = job('b', 60_000);
  await sleep(20);
  expect(seen).toEqual([]);
  await Promise.all([first, second, job('c')]);
  expect(seen).toEqual(['runs a', 'runs b', 'runs c', 'done a', 'done b', 'done c']);
});

it('waits no longer than its patience', async () => {
  const ledger = await open();
  await expect(ledger.write(add('a'), 5)).resolves.toBe('a');
});

it('does what waits when it is closed, and refuses what comes after', async () => {
  const ledger = await open();
  const waiting = ledger.write(add('a'), 60_000);
  await ledger[Symbol.asyncDispose]();
  await expect(waiting).resolves.toBe('a');
  await expect(ledger.write(add('b'))).rejects.toMatchObject({ code: 'unavailable' });
  opened.splice(0);
});
