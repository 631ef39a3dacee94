import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY = 50;

/**
 * Writes `NAME.pid`, and beside it `NAME.born` with the moment at which that process began: a number that the
 * system has given to another process since is then never taken for ours.
 */
export async function writePid(run: string, name: string, pid: number): Promise<void> {
  await mkdir(run, { recursive: true, mode: 0o700 });
  await writeFile(join(run, `${name}.born`), `${(await bornAt(pid)) ?? ''}\n`);
  await writeFile(join(run, `${name}.pid`), `${pid}\n`);
}

export async function removePid(run: string, name: string): Promise<void> {
  await rm(join(run, `${name}.pid`), { force: true });
  await rm(join(run, `${name}.born`), { force: true });
}

/** The process that a pid file names, if it is still that one. */
export async function livingPid(run: string, name: string): Promise<number | undefined> {
  const pid = Number(await textOf(join(run, `${name}.pid`)));
  const born = await textOf(join(run, `${name}.born`));
  if (!Number.isInteger(pid) || pid <= 1 || !born) return undefined;
  return (await bornAt(pid)) === born ? pid : undefined;
}

/** Ends what an earlier supervisor left over: asked first, then made to. */
export async function endLeftOver(run: string, name: string, grace: number): Promise<boolean> {
  const pid = await livingPid(run, name);
  if (pid === undefined) return false;
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; waited < grace && (await livingPid(run, name)); waited += LOOK_EVERY)
    await sleep(LOOK_EVERY);
  while (await livingPid(run, name)) {
    killHard(pid);
    await sleep(LOOK_EVERY);
  }
  return true;
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in this moment.
  }
}

/** Clock ticks since boot at which a process began, with the id of that boot; undefined for none or a dead one. */
export async function bornAt(pid: number): Promise<string | undefined> {
  const stat = await textOf(`/proc/${pid}/stat`);
  // The name in brackets may hold anything, spaces and brackets too.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields?.[0], fields?.[19]];
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined;
  return `${ticks} ${(await textOf('/proc/sys/kernel/random/boot_id')) ?? ''}`;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
