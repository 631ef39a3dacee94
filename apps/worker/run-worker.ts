import type { WorkerOptions } from './options.ts';

/** Takes invitations of one site and works on hosts until SIGTERM or SIGINT. Returns the exit code; throws a GofleetError where it cannot start. */
export async function runWorker(options: WorkerOptions): Promise<number> {
  throw new Error(`not built yet: ${options.site}`);
}
