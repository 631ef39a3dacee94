import { Worker } from 'node:worker_threads';
import { isGofleetError } from '#errors';
import type { Draft } from './draft.ts';
import { receiveError, sendError, type Answered, type Calls } from './thread-calls.ts';

const FROM_SOURCE = import.meta.url.endsWith('.ts');
/** The thread itself is a file of its own, source or built as this one is. */
const THREAD = new URL(FROM_SOURCE ? './plan-thread.ts' : './plan-thread.js', import.meta.url);

/** Most of what is read lives as long as the thread: moving it over and over would take half of its time. */
const YOUNG_MB = 128;

interface Waiting {
  done: (answer: unknown) => void;
  failed: (error: unknown) => void;
}

/** A draft that is worked on in a thread, which ends with it and gives all its memory back. */
export function openThreadDraft(): Draft {
  const thread = new Worker(THREAD, {
    execArgv: FROM_SOURCE ? ['--conditions=source'] : [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const waiting = new Map<number, Waiting>();
  let asked = 0;

  function ask<K extends keyof Calls>(call: K, given: Calls[K][0]): Promise<Calls[K][1]> {
    const number = (asked += 1);
    return new Promise((done, failed) => {
      waiting.set(number, { done: (answer) => done(answer as Calls[K][1]), failed });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      thread.postMessage({ number, call, given });
    });
  }

  function end(error: unknown): void {
    for (const { failed } of waiting.values()) failed(error);
    waiting.clear();
  }

  thread.on('message', (answered: Answered) => {
    const { number } = answered;
    const asker = waiting.get(number);
    waiting.delete(number);
    if ('error' in answered) asker?.failed(receiveError(answered.error));
    else asker?.done(answered.answer);
  });
  thread.on('error', end);
  thread.on('exit', () => end(new Error('the thread that draws plans up has ended')));

  return {
    read: (source) => ask('read', source),
    drawUp: async (known) => ({
      ...(await ask('drawUp', known)),
      hosts: (from, most) => ask('hosts', { from, most }),
      digest: () => ask('digest', undefined),
    }),
    locate: async (error) =>
      isGofleetError(error) && error.errors.length > 0
        ? receiveError(await ask('locate', sendError(error)))
        : error,
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}
