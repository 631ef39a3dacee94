import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'build-base.sh');
const INSTALL = join(import.meta.dirname, '../../scripts/install-system.sh');
const PACKAGES = ['openssh-server', 'sudo', 'iproute2', 'gzip', 'procps'];

/**
 * The folder with the root file system that hosts stand on. It is built the first time, which takes
 * about 40 s, kept outside the checkout, and named by what it is made from. Runs at the same time wait
 * for one another.
 */
export async function ensureBase(packages: string[] = []): Promise<string> {
  const names = [...new Set([...PACKAGES, ...packages])].sort().join(',');
  const recipe = createHash('sha256').update(readFileSync(SCRIPT)).update(names).digest('hex');
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gofleet-lab');
  const base = join(cache, `base-${recipe.slice(0, 12)}`);
  if (existsSync(base)) return base;
  await mkdir(cache, { recursive: true });
  await installPackages('mmdebstrap');
  console.error('lab: building the root file system of the hosts; this happens once');
  await execute('flock', [join(cache, 'base.lock'), 'sh', SCRIPT, base, names], { maxBuffer: 1e8 });
  return base;
}

/** Installs Debian packages where they are missing; fails with the remedy where it may not. */
export async function installPackages(...packages: string[]): Promise<void> {
  await execute('sh', [INSTALL, ...packages]);
}

/** Whether this process may make mounts, overlays and namespaces, and a base can be had. */
export async function mayBeRoot(): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const probe =
    'd=$(mktemp -d) && mount -t tmpfs lab "$d" && cd "$d" && mkdir l u w r && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w lab r; x=$?; cd /; umount -l "$d"; rmdir "$d"; exit $x';
  return execute('unshare', [
    '--mount',
    '--pid',
    '--uts',
    '--ipc',
    '--fork',
    'sh',
    '-c',
    probe,
  ]).then(
    () => true,
    () => false,
  );
}
