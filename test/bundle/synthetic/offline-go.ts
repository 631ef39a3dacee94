import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiled packages prove nothing about modules, and the standard library takes its time: all tests share them. */
export const GOCACHE = join(tmpdir(), 'gofleet-test-gocache');

/** Without the right to cut the network, a proxy that nobody listens at takes its place. */
const CUT: [string, ...string[]] =
  spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : ['env'];

/** The Go of this machine with nothing but the modules of one pack: no home, no module cache, no network. */
export function offlineGo(scratch: string, modules: string) {
  const home = mkdtempSync(join(scratch, 'home-'));
  const env = {
    HOME: home,
    PATH: process.env['PATH'],
    GOCACHE,
    GOPROXY: `file://${modules}`,
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    GONOPROXY: 'none',
    GOVCS: '*:off',
    GOFLAGS: '-modcacherw',
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
  return {
    home,
    /** Runs a script and answers what it printed; what fails throws with all that was said. */
    run: (script: string, cwd: string): string => {
      const [program, ...args] = CUT;
      const ran = spawnSync(program, [...args, 'sh', '-euc', script], {
        cwd,
        env,
        encoding: 'utf8',
      });
      if (ran.status === 0) return ran.stdout;
      throw new Error(`${script}: exit ${ran.status}\n${ran.stdout}${ran.stderr}`);
    },
  };
}
