import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import type { KeeperAnswer, KeeperRequest } from './protocol.ts';
import type { LabMode } from './types.ts';

/** The other end of keeper.ts. */
export interface Keeper {
  pid: number;
  ask<Value = void>(request: KeeperRequest): Promise<Value>;
  /** Takes everything down and answers when the process has ended. */
  close(): Promise<void>;
}

/** Starts a keeper, whose own output goes to `keeper.log` in `folder`. */
export function startKeeper(mode: LabMode, folder: string): Keeper {
  const log = openSync(join(folder, 'keeper.log'), 'a');
  const node = [process.execPath, join(import.meta.dirname, 'keeper.ts')];
  const [program = '', ...argv] = mode === 'root' ? ['unshare', '--mount', ...node] : node;
  // A session of its own, so that Ctrl-C reaches it as the end of its starter and not as a signal.
  const child = spawn(program, argv, { stdio: ['ignore', log, log, 'ipc'], detached: true });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;

  child.on('message', (answer: KeeperAnswer) => {
    const asked = waiting.get(answer.number);
    waiting.delete(answer.number);
    rest();
    if (answer.error === undefined) asked?.resolve(answer.value);
    else asked?.reject(new Error(`lab: ${answer.error}`));
  });
  child.on('error', () => {});
  const ended = once(child, 'close');
  child.on('close', () => {
    for (const asked of waiting.values()) asked.reject(new Error('lab: its keeper has ended'));
    waiting.clear();
  });
  child.unref();
  rest();

  // A lab that nobody waits for keeps no process from ending.
  function rest(): void {
    if (waiting.size === 0) child.channel?.unref();
  }

  function ask<Value>(request: KeeperRequest): Promise<Value> {
    const asked = Promise.withResolvers<unknown>();
    if (!child.connected) return Promise.reject(new Error('lab: its keeper has ended'));
    last += 1;
    waiting.set(last, asked);
    child.channel?.ref();
    child.send({ ...request, number: last });
    return asked.promise as Promise<Value>;
  }

  return {
    pid: child.pid ?? 0,
    ask,
    close: async () => {
      if (!child.connected) return;
      child.ref();
      await ask({ verb: 'close' });
      await ended;
    },
  };
}
