import type { UpOptions } from './options.ts';

/** Supervises redis-server, controller and worker until SIGTERM or SIGINT. Returns the exit code; throws a GofleetError where it cannot start. */
export async function runUp(options: UpOptions): Promise<number> {
  throw new Error(`not built yet: ${options.data}`);
}
