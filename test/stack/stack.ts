import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, mkdir, readFile, rm, writeFile, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/index.ts';
import { api, type Api } from './api.ts';

export const MAIN = join(import.meta.dirname, '../../dist/apps/cli/main.js');

export interface StackOptions {
  /** The hosts that its inventory `lab` names. */
  lab?: Lab;
  /** A data folder to go on with; default: a new one. */
  data?: string;
  /** Further options of `gofleet up`. */
  args?: string[];
  /** It goes on when this process ends. */
  detached?: boolean;
  /** Written as `lab.yaml` into the inventory folder instead of the lab's own. */
  inventory?: string;
}

/** A running `gofleet up` on a data folder of its own, with the lab's keys and inventory in place. */
export interface Stack extends AsyncDisposable {
  data: string;
  api: Api;
  /** Process ids of the children, as their pid files say. */
  pid(child: 'up' | 'redis' | 'controller' | 'worker'): Promise<number>;
  /** Path of the socket of the embedded Redis. */
  redisSocket(): Promise<string>;
  /** Imports a bundle as a person would. */
  import(bundle: string): Promise<void>;
  /** Runs the command line against this stack. */
  cli(...args: string[]): Promise<CliResult>;
  /** SIGTERM and wait; the data folder stays. The exit code. */
  stop(): Promise<number | null>;
  /** What all processes wrote. */
  output(): Promise<string>;
}

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'gofleet-data-')));
  await furnish(data, options);
  const log = join(data, 'up.log');
  const up = launch(data, log, options);
  const ended = new Promise<number | null>((resolve) => up.once('exit', resolve));
  const url = await waitForUrl(data, up, log);
  const token = (await readFile(join(data, 'token'), 'utf8')).trim();
  const stop = async (): Promise<number | null> => {
    up.kill('SIGTERM');
    return ended;
  };
  const run = (...args: string[]) => cli(args, { GOFLEET_URL: url, GOFLEET_TOKEN: token });
  return {
    data,
    api: api(url, token),
    redisSocket: () => redisSocket(data),
    async import(bundle) {
      const result = await run('bundle', 'import', bundle);
      if (result.code !== 0) throw new Error(result.stderr);
    },
    pid: async (child) => Number(await readFile(join(data, 'run', `${child}.pid`), 'utf8')),
    cli: run,
    stop,
    output: () => readFile(log, 'utf8'),
    async [Symbol.asyncDispose]() {
      await stop();
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

/** Read from the command line of the running redis-server, which is what it really listens on. */
async function redisSocket(data: string): Promise<string> {
  const pid = (await readFile(join(data, 'run/redis.pid'), 'utf8')).trim();
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ');
  const socket = /(\/\S+\.sock)/.exec(args)?.[1];
  if (!socket) throw new Error(`no socket in: ${args}`);
  return socket;
}

/** Runs the command line and gathers what it prints. */
export function cli(args: string[], env: Record<string, string> = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

async function furnish(data: string, { lab, inventory }: StackOptions): Promise<void> {
  for (const folder of ['inventory', 'playbooks', 'keys', 'secrets']) {
    await mkdir(join(data, folder), { recursive: true, mode: 0o700 });
  }
  if (!lab) return;
  await cp(lab.keys, join(data, 'keys'), { recursive: true });
  if (existsSync(lab.secrets)) await cp(lab.secrets, join(data, 'secrets'), { recursive: true });
  await writeFile(join(data, 'inventory/lab.yaml'), inventory ?? lab.inventoryYaml());
}

function launch(
  data: string,
  log: string,
  { args = [], detached = false }: StackOptions,
): ChildProcess {
  const out = openSync(log, 'a');
  const words = [MAIN, 'up', '--data', data, '--listen', '127.0.0.1:0', ...args];
  return spawn(process.execPath, words, { stdio: ['ignore', out, out], detached });
}

async function waitForUrl(data: string, up: ChildProcess, log: string): Promise<string> {
  const deadline = Date.now() + 30_000;
  await rm(join(data, 'controller.json'), { force: true });
  while (Date.now() < deadline) {
    if (up.exitCode !== null) break;
    const url = await readUrl(data);
    if (url && (await isReady(url))) return url;
    await sleep(50);
  }
  throw new Error(`the stack did not start:\n${await readFile(log, 'utf8')}`);
}

async function readUrl(data: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(data, 'controller.json'), 'utf8');
    return (JSON.parse(text) as { url: string }).url;
  } catch {
    return undefined;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
