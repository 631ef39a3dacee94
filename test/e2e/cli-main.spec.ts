import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../cli/serve.ts';
import { MAIN } from '../stack/stack.ts';

/** A Node of this machine that is too old for gofleet, as a fresh machine has it. */
const OLD = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((node) => existsSync(node) && major(node) >= 20 && major(node) < 24);

function major(node: string): number {
  return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
}

describe.skipIf(OLD === undefined)('main.js on an old Node', () => {
  it.each([
    [['--version'], 0],
    [['rollout', 'list', '--colour'], 2],
    [['rollout', 'list', '--url', 'http://127.0.0.1:1'], 3],
  ])('%j ends with %i, as on the Node it starts again with', async (words, code) => {
    const child = start(words);
    expect(await exitOf(child)).toEqual([code, null]);
  });

  it('hands SIGTERM on and ends as the program ended', async () => {
    const child = await watching();
    const [inner] = await childrenOf(child);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toEqual([143, null]);
    expect(isAlive(inner)).toBe(false);
  });

  it('leaves nothing running when it is killed itself', async () => {
    const child = await watching();
    const [inner] = await childrenOf(child);
    child.kill('SIGKILL');
    await exitOf(child);
    for (let tries = 0; isAlive(inner) && tries < 100; tries += 1) await sleep(50);
    expect(isAlive(inner)).toBe(false);
  });
});

function start(words: string[]): ChildProcess {
  const child = spawn(OLD ?? '', [MAIN, ...words], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** A program that waits for an answer which never comes. */
async function watching(): Promise<ChildProcess> {
  const server = await serve(() => {});
  const child = start(['rollout', 'watch', 'ID', '--url', server.url]);
  while (server.asked.length === 0) await sleep(20);
  return child;
}

function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
  });
}

async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const path = `/proc/${pid}/task/${pid}/children`;
  return readFileSync(path, 'utf8').trim().split(' ').map(Number);
}

/** What has ended and was not waited for is not alive. */
function isAlive(pid: number | undefined): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
