export { inThreads, serveTasks, type Task } from './in-threads.ts';
