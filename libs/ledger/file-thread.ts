import { parentPort, workerData } from 'node:worker_threads';
import { inspectFile, sealFile, type FileTask } from './file-tasks.ts';

const task = workerData as FileTask;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort?.postMessage(task.kind === 'seal' ? sealFile(task) : inspectFile(task.path));
