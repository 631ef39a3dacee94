import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listening, spawnTied, sshdConfig, type Machine, type MachineOptions } from './machine.ts';

const execute = promisify(execFile);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MB = 1 << 20;

// $1 name, $2 root. The mounts are those of the new mount namespace and go with it.
const BOOT = `set -e
hostname "$1"
mount -t proc proc "$2/proc"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$2/dev/pts"
mount -t tmpfs -o mode=1777,size=64m shm "$2/dev/shm"
exec chroot "$2" /usr/sbin/sshd -D -e`;

/**
 * A host with a root file system, users, processes and a name of its own: an overlay on a tmpfs above
 * the shared base, in namespaces. It has to be made inside a mount namespace of the keeper.
 */
export function chrootMachine(options: MachineOptions): Machine {
  const { folder, name, listen } = options;
  const root = join(folder, 'root');
  let child: ChildProcess | undefined;

  async function prepare(): Promise<void> {
    await mkdir(folder, { recursive: true });
    const size = `size=${options.diskMb}m,mode=755`;
    const layers = `lowerdir=${options.base},upperdir=${folder}/upper,workdir=${folder}/work`;
    const script = `mount -t tmpfs -o "$1" lab "$2" && cd "$2" && mkdir upper work root && mount -t overlay -o "$3" lab root`;
    await execute('sh', ['-c', script, 'sh', size, folder, layers]);
    writeFileSync(join(root, 'etc/hostname'), `${name}\n`);
    writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${listen.address} ${name}\n`);
    writeFileSync(join(root, 'etc/ssh/authorized_keys'), options.authorizedKeys);
    const config = ['UsePAM yes', 'AuthorizedKeysFile /etc/ssh/authorized_keys'];
    writeFileSync(join(root, 'etc/ssh/sshd_config'), sshdConfig(options, config));
  }

  async function up(): Promise<void> {
    if (child) return;
    const unshare = ['unshare', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
    const argv = [...unshare, 'sh', '-c', BOOT, 'sh', name, root];
    child = spawnTied(argv, options.logFile, { PATH });
    await listening(child, listen, options.logFile);
  }

  async function down(): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    // With its first process the kernel ends all of the host, and only then tells the parent.
    const first = firstProcess(running);
    const ended = once(running, 'exit');
    if (first) process.kill(first, 'SIGKILL');
    else running.kill('SIGKILL');
    await ended;
  }

  async function resize(space: string): Promise<void> {
    await execute('mount', ['-o', `remount,${space}`, folder]);
  }

  // A smaller disk is a full one, and costs neither time nor memory.
  async function fill(leaveMb: number): Promise<void> {
    const { blocks, bfree, bsize } = await statfs(folder);
    await resize(`size=${(blocks - bfree) * bsize + leaveMb * MB}`);
  }

  async function fillInodes(): Promise<void> {
    const { files, ffree } = await statfs(folder);
    await resize(`nr_inodes=${files - ffree}`);
  }

  return {
    prepare,
    up,
    down,
    pid: () => child && firstProcess(child),
    installHostKey: (pem) =>
      writeFileSync(join(root, 'etc/ssh/ssh_host_ed25519_key'), pem, { mode: 0o600 }),
    fill,
    fillInodes,
    free: () => resize(`size=${options.diskMb}m,nr_inodes=${options.diskMb * 256}`),
    dispose: async () => {
      await down();
      await execute('umount', ['-l', folder]).catch(() => {});
    },
  };
}

function firstProcess(unshare: ChildProcess): number | undefined {
  try {
    const children = readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0]) || undefined;
  } catch {
    return undefined;
  }
}
