export { queueName } from './names.ts';
export { openQueues } from './queues.ts';
export { takeInvitations } from './taker.ts';
export type { Invitation, QueueOptions, Queues, Taker, TakeOptions } from './types.ts';
