import type { Rehearsal } from '#bundle';
import { isGofleetError } from '#errors';
import { run, type Environment } from '../run.ts';

export type NetworkCut = Rehearsal['network'];

/** Whether this machine lets us start a program without any network device; else proxies that nobody listens at. */
export async function networkCut(env: Environment): Promise<NetworkCut> {
  const tried = await run('unshare', ['-rn', 'true'], { cwd: '/', env }).catch(
    (error: unknown): undefined => {
      if (!isGofleetError(error, 'missing_tool')) throw error;
    },
  );
  return tried?.code === 0 ? 'cut' : 'refused';
}

/** A command line that has no network. */
export function withoutNetwork(cut: NetworkCut, command: readonly string[]): string[] {
  return cut === 'cut' ? ['unshare', '-rn', ...command] : [...command];
}

/** Port 9 discards, and nobody runs it. Modules come from a folder, so a proxy is asked only for what is not in it. */
const NOBODY = 'http://127.0.0.1:9';
export const NOBODY_LISTENS = {
  HTTP_PROXY: NOBODY,
  HTTPS_PROXY: NOBODY,
  ALL_PROXY: NOBODY,
};
