export type { ControllerOptions } from './options.ts';
export { runController } from './run-controller.ts';
