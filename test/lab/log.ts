import { readFile } from 'node:fs/promises';
import type { HostLog } from './types.ts';

/** What sshd itself wrote about one host, at LogLevel VERBOSE. */
export async function readLog(file: string): Promise<HostLog> {
  const text = await readFile(file, 'utf8');
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return {
    text,
    sessions: () => count(/^Accepted \w+ for /gm),
    execs: () => count(/^Starting session: /gm),
    refusals: () => count(/^Failed \w+ for /gm),
  };
}
