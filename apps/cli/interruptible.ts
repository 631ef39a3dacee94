import { GofleetError } from '#errors';

/** Milliseconds that work gets to clean up after itself. */
const GRACE = 2000;

/**
 * Runs something that leaves no half work behind when it is told to stop: the first Ctrl-C or SIGTERM aborts the signal, and the
 * process ends when the work has, or after two seconds, or at the second Ctrl-C. Throws `stopped` for what the work throws then.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  let late: NodeJS.Timeout | undefined;
  const end = (signal: NodeJS.Signals) => {
    release();
    late = setTimeout(() => process.kill(process.pid, signal), GRACE);
    ended.abort(new GofleetError('stopped', `ended by ${signal}`, { remedy: 'Start it again.' }));
  };
  const release = () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  try {
    return await work(ended.signal);
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    release();
    clearTimeout(late);
  }
}
