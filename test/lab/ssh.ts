import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Lab, LabHost, RunResult } from './types.ts';

/** Runs a command on a host with the system's own `ssh`, as a person would; 255 is ssh's own failure. */
export function ssh(
  lab: Pick<Lab, 'keys' | 'knownHosts'>,
  host: LabHost,
  command: string,
  options: { key?: string; stdin?: string | Uint8Array; timeoutSeconds?: number } = {},
): Promise<RunResult> {
  const settings = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${lab.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    `ConnectTimeout=${options.timeoutSeconds ?? 30}`,
  ].flatMap((each) => ['-o', each]);
  const key = join(lab.keys, options.key ?? 'lab');
  const where = ['-p', String(host.port), `${host.user}@${host.address}`];
  return new Promise((done) => {
    const child = execFile(
      'ssh',
      ['-F', 'none', ...settings, '-i', key, ...where, command],
      { maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
  });
}
