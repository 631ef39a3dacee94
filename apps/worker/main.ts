import { runAsChild } from '../process/run-as-child.ts';
import type { WorkerOptions } from './options.ts';
import { runWorker } from './run-worker.ts';

await runAsChild<WorkerOptions>(runWorker);
