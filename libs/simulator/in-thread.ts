import { Worker } from 'node:worker_threads';
import type { Simulation } from '#api';
import type { Order } from './order.ts';

const FROM_SOURCE = import.meta.url.endsWith('.ts');
/** The thread itself is a file of its own, source or built as this one is. */
const THREAD = new URL(FROM_SOURCE ? './thread.ts' : './thread.js', import.meta.url);

/** Runs an order in a thread, which ends with it and gives all its memory back. */
export function simulateInThread(order: Order): Promise<Simulation> {
  return new Promise((resolve, reject) => {
    const execArgv = FROM_SOURCE ? ['--conditions=source'] : [];
    const thread = new Worker(THREAD, { workerData: order, execArgv });
    thread.unref();
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the simulation ended without an answer')));
  });
}
