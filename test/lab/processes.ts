import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process for good: its number alone may be given to another one later. */
export interface ProcessId {
  pid: number;
  /** Ticks since boot, field 22 of /proc/PID/stat. */
  started: number;
}

export function processId(pid: number): ProcessId | undefined {
  const started = stat(pid)?.started;
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(id: ProcessId): boolean {
  const now = stat(id.pid);
  return now?.started === id.started && now.state !== 'Z';
}

/** All processes below `pid`, it included. */
export function family(pid: number): number[] {
  const parents = new Map(everyPid().map((each) => [each, stat(each)?.parent]));
  const members = new Set([pid]);
  for (let size = 0; size !== members.size;) {
    size = members.size;
    for (const [each, parent] of parents) if (parent && members.has(parent)) members.add(each);
  }
  return [...members];
}

/** All processes that were started with this text in their environment. */
export function marked(mark: string): number[] {
  return everyPid().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });
}

/** Kills what `find` finds until it finds nothing; 10 s at most. */
export async function killAll(find: () => number[]): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = find().filter((pid) => !['Z', 'X', undefined].includes(stat(pid)?.state));
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
    await sleep(20);
  }
  throw new Error(`these processes of the lab do not end: ${find().join(' ')}`);
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function everyPid(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function stat(pid: number): { state?: string; parent: number; started: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], parent: Number(fields[1]), started: Number(fields[19]) };
  } catch {
    return undefined;
  }
}
