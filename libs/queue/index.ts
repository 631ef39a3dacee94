export type { Invitation, QueueOptions, Queues, Taker, TakeOptions } from './types.ts';
