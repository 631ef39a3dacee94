import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GOCACHE } from './synthetic/offline-go.ts';

export interface OfflineHost {
  goroot: string;
  /** Runs a script in a folder as a new user of the host would, with no network at all. */
  run(script: string, cwd: string): string;
}

/** Without the right to cut the network, a proxy that nobody listens at takes its place. */
const CUT: [string, ...string[]] =
  spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : ['env'];

/**
 * A home with nothing in it, the unpacked toolchain first in PATH, and the network settings in go.env. What was compiled
 * before is there, as the standard library takes its time; -trimpath makes it the same that rehearsals compile.
 */
export function offlineHost(folder: string, goroot: string, modules: string): OfflineHost {
  const home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, 'tmp'));
  writeFileSync(
    join(goroot, 'go.env'),
    `GOPROXY=file://${modules}\nGOSUMDB=off\nGOTOOLCHAIN=local\nGONOPROXY=none\nGOVCS=*:off\n`,
  );
  const env = {
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    PATH: `${join(goroot, 'bin')}:/usr/bin:/bin`,
    GOCACHE,
    GOFLAGS: '-trimpath',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
  };
  const run = (script: string, cwd: string): string => {
    const [program, ...args] = CUT;
    const ran = spawnSync(program, [...args, 'sh', '-euc', script], { cwd, env, encoding: 'utf8' });
    if (ran.status !== 0)
      throw new Error(`${script}: exit ${ran.status}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  return { goroot, run };
}
