import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { GofleetError, isGofleetError } from '#errors';

const FROM_SOURCE = import.meta.url.endsWith('.ts');
/** A thread costs some 10 MB and 50 ms: it should have something to do. */
const WORTH_A_THREAD = 32 << 20;
/** Beyond that no disk keeps up, and memory would grow with the machine. */
const MOST_THREADS = 16;

/** A piece of work that says how many bytes it is about. */
export interface Task {
  size: number;
}

/** What a thread says: bytes that it has read meanwhile, or how the task ended. */
type Said<Answer> = { read: number } | { answer: Answer } | { refused: Refusal };

/** A GofleetError, which loses what it is on its way between threads. */
type Refusal = Pick<
  GofleetError,
  'code' | 'message' | 'remedy' | 'retryable' | 'errors' | 'details'
>;

/**
 * Does tasks on all cores, large ones first, in threads of the file that `thread` names without its ending, as in
 * `new URL('hash-thread', import.meta.url)`. `seen` hears of bytes that were read. Answers in the order of the tasks.
 * Rejects with the first GofleetError of a task, or when a thread itself breaks down; the other tasks are given up then.
 */
export async function inThreads<T extends Task, Answer>(
  thread: URL,
  tasks: readonly T[],
  seen: (bytes: number) => void = () => {},
): Promise<Answer[]> {
  const answers = new Map<number, Answer>();
  const waiting = [...tasks.entries()].sort(([, a], [, b]) => b.size - a.size);
  const lanes = Array.from({ length: threadsFor(tasks) }, async () => {
    await using lane = startThread<T, Answer>(thread, seen);
    for (let next = waiting.shift(); next; next = waiting.shift())
      answers.set(next[0], await lane.ask(next[1]));
  });
  try {
    await Promise.all(lanes);
  } finally {
    waiting.length = 0;
    await Promise.allSettled(lanes);
  }
  return [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer);
}

function threadsFor(tasks: readonly Task[]): number {
  const bytes = tasks.reduce((sum, { size }) => sum + size, 0);
  const worth = Math.max(1, Math.ceil(bytes / WORTH_A_THREAD));
  return Math.min(tasks.length, availableParallelism(), MOST_THREADS, worth);
}

interface Thread<T, Answer> extends AsyncDisposable {
  ask(task: T): Promise<Answer>;
}

function startThread<T, Answer>(file: URL, seen: (bytes: number) => void): Thread<T, Answer> {
  const thread = new Worker(new URL(`${file.href}.${FROM_SOURCE ? 'ts' : 'js'}`), {
    execArgv: FROM_SOURCE ? ['--conditions=source'] : [],
    // small ones are collected sooner, and with them the bytes that they hold outside of the heap
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  });
  const ask = (task: T): Promise<Answer> =>
    new Promise((resolve, reject) => {
      thread.once('error', reject);
      const hear = (said: Said<Answer>): void => {
        if ('read' in said) return seen(said.read);
        thread.off('message', hear).off('error', reject);
        if ('answer' in said) resolve(said.answer);
        else reject(new GofleetError(said.refused.code, said.refused.message, said.refused));
      };
      thread.on('message', hear);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      thread.postMessage(task);
    });
  return { ask, [Symbol.asyncDispose]: async () => void (await thread.terminate()) };
}

/** The other side: does what it is asked for until it is ended. */
export function serveTasks<T, Answer>(
  work: (task: T, read: (bytes: number) => void) => Answer | Promise<Answer>,
): void {
  const say = (said: Said<Answer>): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    parentPort?.postMessage(said);
  };
  parentPort?.on('message', (task: T) => {
    void answerTo(task).then(say);
  });

  async function answerTo(task: T): Promise<Said<Answer>> {
    try {
      return { answer: await work(task, (read) => say({ read })) };
    } catch (error) {
      if (!isGofleetError(error)) throw error;
      const { code, message, remedy, retryable, errors, details } = error;
      return { refused: { code, message, remedy, retryable, errors, details } };
    }
  }
}
