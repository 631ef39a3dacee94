export { createClock, type ProcessClock, type VirtualClock } from './clock.ts';
export { NO_FAULTS, type Faults, type Spread } from './faults.ts';
export { PEOPLE } from './people.ts';
export {
  CONTROLLER_POINTS,
  POINTS,
  WORKER_POINTS,
  type ControllerPoint,
  type Crash,
  type Point,
  type WorkerPoint,
} from './points.ts';
export { createQueue, type VirtualQueue } from './queue.ts';
export { createRandom, type Random } from './random.ts';
export { runRollout, type Disturbance, type RunOptions, type RunResult } from './run.ts';
export { createSimulator, MOST_HOSTS, type Simulator } from './simulate.ts';
export { simulateOrder, type Order } from './order.ts';
export { createWorld, type World, type WorldOptions } from './world.ts';
