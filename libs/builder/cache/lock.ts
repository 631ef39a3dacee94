import { link, mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, OWN } from './owner.ts';

/** Locks of one folder, over all processes that use it; a process that dies holds none any more. */
export interface Locks {
  /** Runs while no other process, and no other caller here, has the lock of this name. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
}

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Told once when another one has the lock, with its process id. */
  waiting?: (pid: string) => void;
}

/** Milliseconds between two looks, between two signs of life, and after which one that cannot be seen is dead. */
const LOOK = 100;
const BEAT = 10_000;
const SILENCE = 120_000;

export async function openLocks(folder: string, options: LockOptions = {}): Promise<Locks> {
  await mkdir(folder, { recursive: true });
  const queues = new Map<string, Promise<unknown>>();
  const alone: Locks['alone'] = async (name, run) => {
    const before = queues.get(name) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(() => locked(join(folder, name), options, run));
    queues.set(name, turn);
    return turn.finally(() => {
      if (queues.get(name) === turn) queues.delete(name);
    });
  };
  return { alone };
}

async function locked<T>(path: string, options: LockOptions, run: () => Promise<T>): Promise<T> {
  await acquire(path, options);
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), BEAT);
  try {
    return await run();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function acquire(path: string, { signal, waiting }: LockOptions): Promise<void> {
  let told = false;
  while (!(await take(path))) {
    signal?.throwIfAborted();
    const owner = await readFile(path, 'utf8').catch(() => undefined);
    if (owner === undefined) continue;
    if (await isDead(path, owner)) await breakOpen(path, owner);
    else {
      if (!told) waiting?.(owner.split('~')[1] ?? '');
      told = true;
      await sleep(LOOK, undefined, { signal });
    }
  }
}

/** A link is there with its text or not at all, and only one process can make it. */
async function take(path: string): Promise<boolean> {
  const draft = `${path}.${OWN}`;
  await writeFile(draft, OWN);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isDead(path: string, owner: string): Promise<boolean> {
  const alive = await isAlive(owner);
  return alive === undefined ? (await silence(path)) > SILENCE : !alive;
}

/** Of many that find the same owner dead one removes its lock: else the second would remove the lock of the first. */
async function breakOpen(path: string, owner: string): Promise<void> {
  const door = `${path}.open`;
  try {
    await mkdir(door);
  } catch {
    if ((await silence(door)) > BEAT) await rmdir(door).catch(() => {});
    await sleep(LOOK);
    return;
  }
  try {
    if ((await readFile(path, 'utf8').catch(() => '')) === owner) await rm(path, { force: true });
  } finally {
    await rmdir(door).catch(() => {});
  }
}

/** Milliseconds since something was touched. */
async function silence(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found ? Date.now() - found.mtimeMs : 0;
}
