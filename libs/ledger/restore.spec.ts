import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backUpLedger } from './backup.ts';
import { openLedger } from './open.ts';
import { receiveRestore, stageRestore } from './stage.ts';
import type { Ledger } from './types.ts';

const ORDER = { who: 'ada', at: Date.UTC(2026, 5, 1), otherFleet: false };

let folder: string;
let copy: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  copy = join(folder, 'copy.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

it('puts back what a backup holds, and keeps what was there', async () => {
  await withLedger(async (ledger) => {
    await addToken(ledger, 'old');
    const made = await backUp();
    expect(made).toMatchObject({ fleet: ledger.fleet, release: '1.2.3', at: 7 });
    await addToken(ledger, 'new');
  });
  await stage(copy);
  await withLedger(async (ledger) => {
    expect(await tokens(ledger)).toEqual(['old']);
    const [restored] = await ledger.read((queries) =>
      queries.selectFrom('restores').selectAll().execute(),
    );
    expect(restored).toMatchObject({ who: 'ada', at: ORDER.at, backed_up_at: 7, noted_at: null });
  });
  const kept = new DatabaseSync(join(folder, 'replaced-20260601T000000Z.sqlite'));
  expect(kept.prepare('SELECT id FROM tokens ORDER BY id').all()).toEqual(
    [{ id: 'new' }, { id: 'old' }].map((row) => expect.objectContaining(row)),
  );
  kept.close();
  expect((await readdir(folder)).filter((name) => name.startsWith('restore'))).toEqual([]);
});

it('copies while the ledger is written to, and the event loop goes on', async () => {
  await withLedger(async (ledger) => {
    for (let block = 0; block < 30; block++)
      await ledger.write((queries) =>
        queries
          .insertInto('events')
          .values({ ...EVENT, details: 'x'.repeat(1_000_000) })
          .execute(),
      );
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const ended = new AbortController();
    const writes = (async () => {
      let count = 0;
      while (!ended.signal.aborted) await addToken(ledger, `t${count++}`);
      return count;
    })();
    await backUp();
    ended.abort();
    clearInterval(beat);
    expect(await writes).toBeGreaterThan(0);
    expect(longest).toBeLessThan(250);
  });
});

it.each([
  ['no database', 'hello', 'no SQLite database'],
  ['an empty file', '', 'no SQLite database'],
])('refuses %s, says why, and goes on once it is gone', async (_, text, why) => {
  await withLedger((ledger) => addToken(ledger, 'old'));
  await writeFile(copy, text);
  await stage(copy);
  await expect(openLedger({ folder })).rejects.toMatchObject({
    code: 'invalid_file',
    message: expect.stringContaining(why),
  });
  await rm(join(folder, 'restore.sqlite'));
  await withLedger(async (ledger) => expect(await tokens(ledger)).toEqual(['old']));
});

it('refuses a database that is cut off, one of something else, and one of a newer release', async () => {
  await withLedger(() => backUp());
  const other = new DatabaseSync(join(folder, 'other.sqlite'));
  other.exec('CREATE TABLE t (a)');
  other.close();
  const newer = new DatabaseSync(copy);
  newer.exec('UPDATE fleet SET schema_version = 999');
  newer.close();
  await stage(join(folder, 'other.sqlite'));
  await expect(openLedger({ folder })).rejects.toMatchObject({
    message: expect.stringContaining('no ledger of gofleet'),
  });
  await stage(copy);
  await expect(openLedger({ folder })).rejects.toMatchObject({
    message: expect.stringContaining('newer release'),
  });
  await receiveRestore(folder, createReadStream(copy, { end: 20_000 }));
  await stageRestore(folder, ORDER);
  await expect(openLedger({ folder })).rejects.toMatchObject({ code: 'invalid_file' });
});

it('takes the ledger of another fleet only where that was said', async () => {
  await withLedger(() => backUp());
  const elsewhere = await mkdtemp(join(tmpdir(), 'ledger-'));
  await (await openLedger({ folder: elsewhere }))[Symbol.asyncDispose]();
  await stage(copy, { folder: elsewhere });
  await expect(openLedger({ folder: elsewhere })).rejects.toMatchObject({ code: 'conflict' });
  await stage(copy, { folder: elsewhere, otherFleet: true });
  await (await openLedger({ folder: elsewhere }))[Symbol.asyncDispose]();
  await rm(elsewhere, { recursive: true });
});

it('replaces a ledger that cannot be read any more', async () => {
  await withLedger(async (ledger) => {
    await addToken(ledger, 'old');
    await backUp();
  });
  await writeFile(join(folder, 'ledger.sqlite'), 'SQLite format 3\0 and then nothing of use');
  await writeFile(join(folder, 'ledger.sqlite-wal'), 'nor here');
  await stage(copy);
  await withLedger(async (ledger) => expect(await tokens(ledger)).toEqual(['old']));
  expect(await readdir(folder)).toContain('replaced-20260601T000000Z.sqlite');
});

const SWAP = `
  import { openLedger } from ${JSON.stringify(join(import.meta.dirname, 'open.ts'))};
  process.stdout.write('begun');
  const ledger = await openLedger({ folder: process.argv[1] });
  await ledger[Symbol.asyncDispose]();
`;

it('leaves the old ledger or the new one whenever it is killed', { timeout: 60_000 }, async () => {
  await withLedger(async (ledger) => {
    await addToken(ledger, 'old');
    await backUp();
  });
  for (let run = 0; run < 8; run++) {
    await withLedger((ledger) => addToken(ledger, `new${run}`));
    await stage(copy);
    const words = ['--conditions=source', '--input-type=module', '-e', SWAP, folder];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await sleep(run * 12);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await withLedger(async (ledger) => {
      expect(await tokens(ledger)).toEqual(['old']);
      const rows = await ledger.read((queries) =>
        queries.selectFrom('restores').select('backed_up_at').execute(),
      );
      expect(rows).toEqual([{ backed_up_at: 7 }]);
    });
  }
});

const EVENT = { at: 1, type: 'alert', rollout: null, batch: null, host: null };

async function withLedger(use: (ledger: Ledger) => Promise<unknown>): Promise<void> {
  await using ledger = await openLedger({ folder });
  await use(ledger);
}

function backUp() {
  return backUpLedger({ folder, to: copy, release: '1.2.3', at: 7 });
}

async function stage(path: string, options: { folder?: string; otherFleet?: boolean } = {}) {
  const { folder: into = folder, otherFleet = false } = options;
  await receiveRestore(into, createReadStream(path));
  await stageRestore(into, { ...ORDER, otherFleet });
}

async function addToken(ledger: Ledger, id: string): Promise<void> {
  const row = { id, name: id, role: 'viewer', site: null, hash: id, created_by: 'test' };
  await ledger.write((queries) =>
    queries
      .insertInto('tokens')
      .values({ ...row, created_at: 1, last_used_at: null })
      .execute(),
  );
}

async function tokens(ledger: Ledger): Promise<string[]> {
  const rows = await ledger.read((queries) =>
    queries.selectFrom('tokens').select('id').orderBy('id').execute(),
  );
  return rows.map(({ id }) => id);
}
