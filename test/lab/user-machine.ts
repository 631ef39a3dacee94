import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, writeFileSync } from 'node:fs';
import { cp, lchown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { becoming, type Account } from './account.ts';
import { listening, spawnTied, sshdConfig, type Machine, type MachineOptions } from './machine.ts';
import { family, killAll, marked } from './processes.ts';

/** In the environment of every process of a host in mode `user`, followed by lab and host. */
export const MARK = 'GOFLEET_LAB=';
const PATH = '/usr/local/bin:/usr/bin:/bin';

/** A host without root: an sshd of the user who runs the lab, with a folder of its own as home. */
export function userMachine(options: MachineOptions): Machine {
  const { folder, id, name, listen, account } = options;
  const at = (file: string): string => join(folder, 'etc', file);
  const mark = `${MARK}${id}/${name}`;
  let child: ChildProcess | undefined;

  async function prepare(): Promise<void> {
    await mkdir(join(folder, 'etc'), { recursive: true });
    await mkdir(join(folder, 'home'));
    if (existsSync('/etc/skel')) {
      await cp('/etc/skel', join(folder, 'home'), { recursive: true });
    }
    writeFileSync(at('session'), sessionScript(folder, mark, account), { mode: 0o755 });
    writeFileSync(at('authorized_keys'), options.authorizedKeys);
    const config = [
      `HostKey ${at('host_key')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      // The login shell of the user runs the session script: it must find nothing of theirs.
      `SetEnv HOME=${join(folder, 'etc')} ${mark}`,
      `ForceCommand ${at('session')}`,
    ];
    writeFileSync(at('sshd_config'), sshdConfig(options, config));
    await own(folder, account);
  }

  async function up(): Promise<void> {
    if (child) return;
    const argv = [...becoming(account), sshdPath(), '-D', '-e', '-f', at('sshd_config')];
    const [variable = '', value] = mark.split('=');
    child = spawnTied(argv, options.logFile, { PATH, [variable]: value });
    await listening(child, listen, options.logFile);
  }

  async function down(): Promise<void> {
    const pid = child?.pid;
    child = undefined;
    // The sessions outlive their sshd, so they are looked for before it ends.
    const sessions = pid ? family(pid) : [];
    await killAll(() => [...new Set([...sessions, ...marked(`${mark}\0`)])]);
  }

  function unsupported(): Promise<void> {
    return Promise.reject(new Error('a lab host without root has no disk of its own to fill'));
  }

  return {
    prepare,
    up,
    down,
    pid: () => child?.pid,
    installHostKey: (pem) => {
      writeFileSync(at('host_key'), pem, { mode: 0o600 });
      chownSync(at('host_key'), account.uid, account.gid);
    },
    fill: unsupported,
    fillInodes: unsupported,
    free: unsupported,
    dispose: down,
  };
}

async function own(folder: string, { uid, gid }: Account): Promise<void> {
  if (uid === process.getuid?.()) return;
  const below = await readdir(folder, { recursive: true });
  for (const path of ['.', ...below]) await lchown(join(folder, path), uid, gid);
}

/** What a session of such a host starts in; also used by `run`. */
export function sessionEnvironment(folder: string, mark: string, { name }: Account): string[] {
  const home = join(folder, 'home');
  return [`HOME=${home}`, `USER=${name}`, `LOGNAME=${name}`, `PATH=${PATH}`, mark].concat(
    existsSync('/bin/bash') ? 'SHELL=/bin/bash' : 'SHELL=/bin/sh',
  );
}

// As sshd would start the login shell of an account with this home and an empty environment.
function sessionScript(folder: string, mark: string, account: Account): string {
  const environment = sessionEnvironment(folder, mark, account).map((each) => `'${each}'`);
  return `#!/bin/sh
cd '${join(folder, 'home')}' || exit 1
set -- ${environment.join(' ')} "SSH_CLIENT=$SSH_CLIENT" "SSH_CONNECTION=$SSH_CONNECTION"
[ -z "\${SSH_TTY-}" ] || set -- "$@" "SSH_TTY=$SSH_TTY" "TERM=\${TERM-dumb}"
shell=sh
[ ! -x /bin/bash ] || shell=bash
case \${SSH_ORIGINAL_COMMAND-} in
  '') exec env -i "$@" "$shell" -l ;;
  *internal-sftp*) for server in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server; do
      [ ! -x "$server" ] || exec env -i "$@" "$server"
    done; exit 1 ;;
esac
exec env -i "$@" "$shell" -c "$SSH_ORIGINAL_COMMAND"
`;
}

/** Where sshd is, though the PATH of a user may not name it. */
export function sshdPath(): string {
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    '/usr/sbin',
    '/usr/local/sbin',
    '/sbin',
  ];
  const found = folders.map((folder) => join(folder, 'sshd')).find((path) => existsSync(path));
  if (!found) throw new Error('sshd is not here; scripts/install-system.sh openssh-server');
  return found;
}
