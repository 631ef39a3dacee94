import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { within } from '../../process/within.ts';
import { removePid, writePid } from './pid-file.ts';

/** How one child is started. */
export interface ChildProgram {
  name: 'redis' | 'controller' | 'worker';
  /** Starts it; called again after it died. */
  launch(): ChildProcess;
  /** Resolves when it can be used; rejects with the reason where it cannot start. */
  ready(child: ChildProcess): Promise<void>;
  /** Milliseconds it has for its end after SIGTERM. */
  grace: number;
}

export interface Child {
  /** SIGTERM, then SIGKILL after its grace; it is not started again. */
  stop(): Promise<void>;
}

export interface Supervision {
  log: Logger;
  /** The folder of the pid files. */
  run: string;
}

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
/** One that lived this long has recovered: its next pause is short again. */
const RECOVERED = 10_000;

/** Starts a child and keeps it alive. Rejects where the first start fails; later ones are tried for ever. */
export async function keepAlive(program: ChildProgram, around: Supervision): Promise<Child> {
  const ended = new AbortController();
  let current = await start(program, around);
  await current.ready.catch(async (error: unknown) => {
    await end(current.process, program.grace);
    await removePid(around.run, program.name);
    throw error;
  });
  const kept = keep();

  async function keep(): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const began = performance.now();
      const why = await endOf(current.process);
      if (ended.signal.aborted) return;
      if (performance.now() - began > RECOVERED) pause = FIRST_PAUSE;
      around.log.error({ child: program.name, why, pause }, 'a child died and is started again');
      await sleep(pause, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted) return;
      current = await start(program, around);
      if (ended.signal.aborted) return end(current.process, program.grace);
      current.ready.catch((error: unknown) =>
        around.log.error({ child: program.name, err: error }, 'a child does not start'),
      );
    }
  }

  return {
    async stop() {
      ended.abort();
      await end(current.process, program.grace);
      await kept;
      await removePid(around.run, program.name);
    },
  };
}

interface Started {
  process: ChildProcess;
  ready: Promise<void>;
}

async function start(program: ChildProgram, { run }: Supervision): Promise<Started> {
  const child = program.launch();
  const ready = program.ready(child);
  // Looked at by the caller; until then a quick end must not be an unhandled rejection.
  ready.catch(() => undefined);
  if (child.pid !== undefined) await writePid(run, program.name, child.pid);
  return { process: child, ready };
}

async function end(child: ChildProcess, grace: number): Promise<void> {
  if (hasEnded(child)) return;
  const exit = endOf(child);
  child.kill('SIGTERM');
  await within(grace, exit);
  if (!hasEnded(child)) child.kill('SIGKILL');
  await exit;
}

/** How a child ended, as a text. */
export async function endOf(child: ChildProcess): Promise<string> {
  if (!hasEnded(child)) await once(child, 'exit');
  if (child.pid === undefined) return 'it could not be started';
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
