import { runAsChild } from '../process/run-as-child.ts';
import type { ControllerOptions } from './options.ts';
import { runController } from './run-controller.ts';

await runAsChild<ControllerOptions>(runController);
