import { parentPort, workerData } from 'node:worker_threads';
import { simulateOrder, type Order } from './order.ts';

const simulation = await simulateOrder(workerData as Order);
parentPort?.postMessage(simulation);
