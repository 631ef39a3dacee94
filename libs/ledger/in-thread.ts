import { Worker } from 'node:worker_threads';
import type { FileAnswer, FileTask } from './file-tasks.ts';

/** The thread itself is a file of its own, source or built as this one is. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './file-thread.ts' : './file-thread.js',
  import.meta.url,
);

/** Looks at a database file in a thread of its own: an integrity check takes as long as reading all of it. */
export function inThread(task: FileTask): Promise<FileAnswer> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(THREAD, { workerData: task, execArgv: [] });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread ended without an answer')));
  });
}
