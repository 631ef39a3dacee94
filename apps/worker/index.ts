export type { WorkerOptions } from './options.ts';
export { runWorker } from './run-worker.ts';
