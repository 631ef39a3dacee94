import { toGofleetError } from '#errors';
import type { ChildMessage } from './child-message.ts';

/** Runs a process of `gofleet up`: options as JSON in the first argument, news over the channel. */
export async function runAsChild<T>(
  run: (options: T, ready: (url?: string) => void) => Promise<number>,
): Promise<void> {
  try {
    const options = JSON.parse(process.argv[2] ?? '{}') as T;
    await leave(await run(options, (url) => void tell({ kind: 'ready', url })));
  } catch (error) {
    const { code, message, remedy, stack } = toGofleetError(error);
    if (code === 'internal') process.stderr.write(`${stack ?? message}\n`);
    await tell({ kind: 'failed', code, message, remedy });
    await leave(1);
  }
}

/** Says it and waits until it is said; a supervisor that is gone hears nothing. */
function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve();
    process.send(message, undefined, {}, () => resolve());
  });
}

/** The channel alone would keep the process alive. */
async function leave(code: number): Promise<void> {
  process.exitCode = code;
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), 500).unref();
}
