import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openLocks } from './lock.ts';
import { OWN } from './owner.ts';

const base = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(base, { recursive: true }));
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(base, 'locks-'))));

/** A process that counts up a file, alone each time, or takes the lock and holds it until it is killed. */
const OTHER = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { openLocks } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
  const [folder, times, file] = process.argv.slice(2);
  const locks = await openLocks(folder);
  for (let time = 0; time < Number(times); time += 1)
    await locks.alone('it', async () => {
      const before = Number(readFileSync(file, 'utf8'));
      await sleep(1);
      writeFileSync(file, String(before + 1));
    });
  if (times === '0') await locks.alone('it', async () => { process.send('held'); await sleep(60_000); });
`;

function other(...args: string[]) {
  const file = join(folder, 'other.mts');
  writeFileSync(file, OTHER);
  const child = fork(file, [join(folder, 'l'), ...args], {
    execArgv: ['--conditions=source', '--no-warnings'],
  });
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  return { child, ended };
}

it('lets one process in at a time, however many want to', async () => {
  const file = join(folder, 'count');
  writeFileSync(file, '0');
  const codes = await Promise.all([1, 2, 3].map(() => other('15', file).ended));
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(file, 'utf8')).toBe('45');
  expect(readdirSync(join(folder, 'l'))).toEqual([]);
});

it('is taken from a process that was killed, by one of those that wait', async () => {
  const { child, ended } = other('0');
  await new Promise((resolve) => void child.once('message', resolve));
  const told: string[] = [];
  const locks = await openLocks(join(folder, 'l'), { waiting: (pid) => void told.push(pid) });
  const turns: string[] = [];
  const one = locks.alone('it', async () => void turns.push('one'));
  await sleep(150);
  expect(turns).toEqual([]);
  child.kill('SIGKILL');
  await ended;
  await one;
  expect({ turns, told }).toEqual({ turns: ['one'], told: [String(child.pid)] });
});

it('takes its turn within one process too, also after one that threw', async () => {
  const locks = await openLocks(folder);
  const turns: number[] = [];
  const failing = locks.alone('it', async () => {
    await sleep(20);
    turns.push(1);
    throw new Error('on the way');
  });
  const next = locks.alone('it', async () => void turns.push(2));
  await locks.alone('something else', async () => void turns.push(0));
  await expect(failing).rejects.toThrow('on the way');
  await next;
  expect(turns).toEqual([0, 1, 2]);
});

it('of another machine counts as long as it shows signs of life', async () => {
  const locks = await openLocks(folder);
  const place = join(folder, 'it');
  writeFileSync(place, OWN.replace(/^[^~]+/, 'elsewhere.1'));
  const long = new Date(Date.now() - 600_000);
  let isIn = false;
  const turn = locks.alone('it', async () => void (isIn = true));
  await sleep(150);
  expect(isIn).toBe(false);
  utimesSync(place, long, long);
  await turn;
  expect(isIn).toBe(true);
});

it('is not waited for by one that is asked to stop', async () => {
  const stop = new AbortController();
  const locks = await openLocks(folder, { signal: stop.signal });
  writeFileSync(join(folder, 'it'), OWN);
  const turn = locks.alone('it', async () => {});
  setTimeout(() => stop.abort(), 20);
  await expect(turn).rejects.toThrow(/abort/i);
});
