import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of the bench beside the controller, which answers questions. */
export interface Part extends AsyncDisposable {
  ask<T>(question: unknown): Promise<T>;
}

/** Starts a file of this folder with its options as JSON in the first argument; it says when it is ready. */
export async function startPart(file: string, options: unknown): Promise<Part> {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(options)]);
  await once(child, 'message');
  const asked = new Map<number, (answer: unknown) => void>();
  let last = 0;
  child.on('message', ({ number, answer }: Answer) => asked.get(number)?.(answer));
  return {
    ask<T>(question: unknown) {
      const number = ++last;
      child.send({ number, question });
      return new Promise<T>((resolve) => asked.set(number, (answer) => resolve(answer as T)));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

interface Question<Q> {
  number: number;
  question: Q;
}

interface Answer {
  number: number;
  answer: unknown;
}

/** The other end: answers questions until it is killed. */
export function answerAs<Q>(answer: (question: Q) => unknown): void {
  process.on('message', ({ number, question }: Question<Q>) =>
    process.send?.({ number, answer: answer(question) } satisfies Answer),
  );
  process.send?.('ready');
}

/** Of many, the middle, the 99th of 100, and the longest. */
export interface Spread {
  p50: number;
  p99: number;
  longest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    longest: percentile(values, 1),
  };
}

/** The value below which that share of all lies. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
