import { parentPort, workerData } from 'node:worker_threads';
import { simulateOrder, type Order } from './order.ts';

const simulation = await simulateOrder(workerData as Order);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort?.postMessage(simulation);
