import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hostAccount } from './account.ts';
import { ensureBase, installPackages, mayBeRoot } from './base.ts';
import { labHost } from './host.ts';
import { inventoryYaml, knownHosts } from './inventory.ts';
import { startKeeper } from './keeper-client.ts';
import { makeKey } from './keys.ts';
import { labsFolder, removeLeftovers, removeUnusedAccount } from './leftovers.ts';
import type { KeptHost, LabWish } from './protocol.ts';
import type { HostOptions, Lab, LabMode, LabOptions } from './types.ts';

export { removeLeftovers, stopKeptLabs } from './leftovers.ts';
export type {
  Counters,
  HostLog,
  HostOptions,
  InventoryOptions,
  Lab,
  LabHost,
  LabMode,
  LabOptions,
  Link,
  Listed,
  RunOptions,
  RunResult,
  UserKind,
} from './types.ts';

/** The password that sudo wants of the user `operator`. */
export const OPERATOR_PASSWORD = 'lab-operator-password';

/**
 * Starts real SSH hosts on loopback addresses of their own. They end with `stop()`, or with this
 * process, however it ends; what a killed one left is taken away by the next start.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  await removeLeftovers();
  const { mode, base } = await prepareMachine(options);
  const inner = await mkdtemp(join(labsFolder(), 'lab-'));
  await chmod(inner, 0o711);
  const folder = options.folder ?? join(inner, 'files');
  const hosts = namedHosts(options.hosts);
  const authorizedKeys = await writeKeys(folder);
  const keeper = startKeeper(mode, inner);
  const wish: LabWish = {
    id: basename(inner),
    mode,
    folder: inner,
    base,
    authorizedKeys,
    account: await hostAccount(mode),
    subnet: options.subnet,
    keep: options.keep ?? false,
    hosts: hosts.map(({ name, diskMb = 4096, proxied = true }) => ({ name, diskMb, proxied })),
  };

  async function stop(): Promise<void> {
    await keeper.close();
    await removeLeftovers();
    await rm(inner, { recursive: true, force: true });
    await removeUnusedAccount();
    for (const file of WRITTEN) await rm(join(folder, file), { recursive: true, force: true });
  }

  try {
    const kept = await keeper.ask<KeptHost[]>({ verb: 'open', wish });
    const started = hosts.map((host, at) => labHost({ wish, keeper }, at, host, kept[at]!));
    await writeFile(join(folder, 'known_hosts'), knownHosts(started));
    await writeFile(join(folder, 'inventory/inventory.yaml'), inventoryYaml(started));
    return {
      mode,
      hosts: started,
      inventoryYaml: (how) => inventoryYaml(started, how),
      knownHosts: join(folder, 'known_hosts'),
      keys: join(folder, 'keys'),
      secrets: join(folder, 'secrets'),
      folder,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

const WRITTEN = ['keys/lab', 'keys/lab.pub', 'keys/stranger', 'keys/stranger.pub'].concat([
  'secrets/operator',
  'known_hosts',
  'inventory/inventory.yaml',
]);

/** Mode `root` where this machine allows it and a root file system can be had, else `user`. */
async function prepareMachine({
  mode,
  packages,
}: LabOptions): Promise<{ mode: LabMode; base: string }> {
  if (mode === 'root' || (!mode && (await mayBeRoot()))) {
    try {
      return { mode: 'root', base: await ensureBase(packages) };
    } catch (error) {
      if (mode) throw error;
      console.error(`lab: hosts without root, because ${String(error)}`);
    }
  }
  await installPackages('openssh-server', 'openssh-client');
  return { mode: 'user', base: '' };
}

function namedHosts(hosts: number | HostOptions[]): (HostOptions & { name: string })[] {
  const list = typeof hosts === 'number' ? Array.from({ length: hosts }, () => ({})) : hosts;
  const digits = Math.max(2, String(list.length).length);
  return list.map((host, at) => ({
    name: `host${String(at + 1).padStart(digits, '0')}`,
    ...host,
  }));
}

async function writeKeys(folder: string): Promise<string> {
  await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'inventory'), { recursive: true });
  await writeFile(join(folder, 'secrets/operator'), OPERATOR_PASSWORD, { mode: 0o600 });
  await makeKey(join(folder, 'keys/stranger'), 'stranger');
  return `${await makeKey(join(folder, 'keys/lab'), 'lab')} lab\n`;
}
