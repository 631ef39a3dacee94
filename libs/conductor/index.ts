export type { Refusal } from './access/refusals.ts';
export type { ConductorDeps } from './deps.ts';
export type {
  Answer,
  ByteRange,
  Conductor,
  CreateRequest,
  HostFilter,
  Repeatable,
  RolloutFilter,
  Tagged,
  VerbOptions,
} from './interface.ts';
export type { Clock, Dispatch, Log, Notification, RunNotifyCommand } from './ports.ts';
export { drawingOf } from './create/drawing.ts';
export type { Prepared } from './create/prepare.ts';
export { sketchOf, type Sketch } from './create/sketch.ts';
export { openConductor, openSettling, type Open } from './open.ts';
