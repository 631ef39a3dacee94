import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endLeftOver, livingPid, removePid, writePid } from './pid-file.ts';

let run: string;
beforeAll(async () => {
  run = await mkdtemp(join(tmpdir(), 'gofleet-run-'));
});
afterAll(() => rm(run, { recursive: true }));

async function sleeper(script = 'echo; exec sleep 60') {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? 0 };
}

it('holds the number alone, for people and scripts', async () => {
  await writePid(run, 'up', process.pid);
  expect(await readFile(join(run, 'up.pid'), 'utf8')).toBe(`${process.pid}\n`);
  expect(await livingPid(run, 'up')).toBe(process.pid);
  await removePid(run, 'up');
  expect(await livingPid(run, 'up')).toBeUndefined();
});

it('does not take another process with the same number for ours', async () => {
  const { child, pid } = await sleeper();
  await writePid(run, 'worker', process.pid);
  await writeFile(join(run, 'worker.pid'), `${pid}\n`);
  expect(await livingPid(run, 'worker')).toBeUndefined();
  expect(await endLeftOver(run, 'worker', 100)).toBe(false);
  expect(child.exitCode).toBeNull();
  child.kill('SIGKILL');
});

it('ends what was left over, also what does not listen', async () => {
  for (const script of ['echo; exec sleep 60', 'trap "" TERM; echo; while :; do sleep 0.1; done']) {
    const { child, pid } = await sleeper(script);
    const exit = once(child, 'exit');
    await writePid(run, 'controller', pid);
    expect(await endLeftOver(run, 'controller', 200)).toBe(true);
    await exit;
    expect(await livingPid(run, 'controller')).toBeUndefined();
  }
});
