import type { ControllerOptions } from './options.ts';

/** Serves the REST interface and conducts rollouts until SIGTERM or SIGINT. Returns the exit code; throws a GofleetError where it cannot start. */
export async function runController(options: ControllerOptions): Promise<number> {
  throw new Error(`not built yet: ${options.data}`);
}
