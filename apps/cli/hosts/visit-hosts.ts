import { isGofleetError, toGofleetError, type GofleetError } from '#errors';
import type { Host } from '#inventory';
import pLimit from 'p-limit';
import { exitCodeOf, type ExitCode } from '../exit-code.ts';
import { openProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Visit<T> {
  host: Host;
  found: T | GofleetError;
}

/** Does something at every host, at most `parallel` at once. One that fails holds no other up. */
export async function visitHosts<T>(
  hosts: readonly Host[],
  { parallel }: { parallel: number },
  terminal: Terminal,
  visit: (host: Host) => Promise<T>,
): Promise<Visit<T>[]> {
  const limit = pLimit(parallel);
  const line = openProgress(terminal, { format: String });
  let done = 0;
  const visits = hosts.map((host) =>
    limit(async () => {
      const found = await visit(host).catch(toGofleetError);
      if (terminal.live) line.show('hosts', (done += 1), hosts.length);
      return { host, found };
    }),
  );
  return Promise.all(visits).finally(() => line.end());
}

/** 3 where hosts could only not be reached or logged in to, 1 where one that answered is not fit. */
export function exitCodeOfVisits(visits: readonly { found: unknown }[]): ExitCode {
  const codes = visits
    .map(({ found }) => found)
    .filter((found): found is GofleetError => isGofleetError(found))
    .map(exitCodeOf);
  return codes.includes(1) ? 1 : (codes[0] ?? 0);
}
