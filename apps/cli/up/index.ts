export type { UpOptions } from './options.ts';
export { runUp } from './run-up.ts';
