import { execFile } from 'node:child_process';
import { becoming, type Account } from './account.ts';
import type { RunOptions, RunResult } from './types.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LONELY = 'ip link set lo up 2>/dev/null; exec "$@"';

/** Where a command is to run: in the host's own namespaces while it is up, else on its disk alone. */
export interface Inside {
  /** First process of the host, if it is up. */
  pid: number | undefined;
  keeper: number;
  root: string;
}

/** Runs a command in a host of mode `root`. */
export function runInside(
  inside: Inside,
  command: string,
  options: RunOptions = {},
): Promise<RunResult> {
  const enter = inside.pid
    ? ['nsenter', `--target=${inside.pid}`, '--mount', '--pid', '--uts', '--ipc', '--root', '--wd']
    : ['nsenter', `--target=${inside.keeper}`, '--mount', 'chroot', inside.root];
  const { user = 'root', login = false, network = true } = options;
  const alone = network ? [] : ['unshare', '--net', 'sh', '-c', LONELY, 'sh'];
  const become = ['runuser', ...(login ? ['-l'] : []), user, '-s', '/bin/bash', '-c', command];
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const clean = ['env', '-i', ...(login ? [] : ['-C', home]), PATH, `HOME=${home}`];
  return execute([...enter, ...alone, ...clean, ...become], options);
}

/** Runs a command as in a session of a host of mode `user`. */
export function runAsUser(
  { home, environment, account }: { home: string; environment: string[]; account: Account },
  command: string,
  options: RunOptions = {},
): Promise<RunResult> {
  const { login = false, network = true } = options;
  const alone = network ? [] : ['unshare', '--map-root-user', '--net', 'sh', '-c', LONELY, 'sh'];
  const shell = ['sh', '-c', `cd "$1" && exec "$2" $3 "$4"`, 'sh', home];
  const words = [...shell, '/bin/bash', login ? '-lc' : '-c', command];
  return execute([...becoming(account), ...alone, 'env', '-i', ...environment, ...words], options);
}

function execute([program = '', ...argv]: string[], options: RunOptions): Promise<RunResult> {
  return new Promise((done) => {
    const limits = { timeout: options.timeoutMs ?? 300_000, killSignal: 'SIGKILL' as const };
    const child = execFile(
      program,
      argv,
      { ...limits, maxBuffer: 1 << 28, cwd: '/' },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        done({ code, stdout, stderr: code === -1 ? `${stderr}${error?.message}` : stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
  });
}
