import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * This process, as a word that no other process ever has: machine, process namespace, process id, time of its start.
 * Builds that share a cache tell by it whose a lock or a folder is.
 */
export const OWN = [machine(), String(process.pid), startOf(statOf(process.pid))].join('~');

/** Whether the process of a word still runs; undefined for one of another machine or container, which cannot be seen. */
export async function isAlive(owner: string): Promise<boolean | undefined> {
  const [where, pid = '', start] = owner.split('~');
  if (!/^\d+$/.test(pid)) return false;
  if (where !== machine()) return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && startOf(stat) === start && !/^\d+ \(.*\) Z /s.test(stat);
}

function machine(): string {
  return `${hostname()}.${namespace()}`.replaceAll(/[^\w.-]/g, '-');
}

/** Containers of one machine number their processes each for themselves. */
function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); the name before it may have spaces and brackets. */
function startOf(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
