import { GofleetError } from '#errors';

/**
 * Runs something that leaves no half work behind when it is told to stop: the first Ctrl-C or SIGTERM aborts the signal, a
 * second one ends the process. Throws `stopped` for what the work throws after that.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const end = (signal: NodeJS.Signals) => {
    release();
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
  }
}
