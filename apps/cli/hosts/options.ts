import {
  loadInventory,
  selectHosts,
  type Host,
  type KnownHosts,
  parseKnownHosts,
} from '#inventory';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { GofleetError } from '#errors';
import type { Cli } from '../cli.ts';
import { wholeNumber } from '../values.ts';

/** What `scan` and `ping` have in common. */
export interface HostsFlags {
  inventory: string;
  knownHosts?: string;
  parallel: number;
  /** Seconds. */
  timeout: number;
}

export function hostsCommand(hosts: Command, name: string): Command {
  return hosts
    .command(name)
    .argument('[pattern]', 'which hosts', 'all')
    .requiredOption('-i, --inventory <path>', 'inventory file or folder')
    .option('--known-hosts <file>', 'pinned host keys, instead of DATA/known_hosts')
    .option('--parallel <number>', 'connections at once', positive, 20)
    .option('--timeout <seconds>', 'for each host', positive, 15);
}

function positive(text: string): number {
  return Math.max(1, wholeNumber(text));
}

export async function readHosts({ inventory }: HostsFlags, pattern: string): Promise<Host[]> {
  return selectHosts(await loadInventory(inventory), pattern);
}

/** The file that is named must be there, the usual one may be absent. */
export async function readKnownHosts({ knownHosts }: HostsFlags, cli: Cli): Promise<KnownHosts> {
  const file = knownHosts ?? join(cli.data, 'known_hosts');
  const text = await readIfThere(file);
  if (text === undefined && knownHosts !== undefined)
    throw new GofleetError('usage', `there is no ${file}`, {
      remedy: 'Make it with "gofleet hosts scan -o FILE", or leave --known-hosts out.',
    });
  return parseKnownHosts(text ?? '');
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GofleetError('usage', `${file} cannot be read: ${(cause as Error).message}`, {
      remedy: 'Name a file that you may read.',
      cause,
    });
  }
}
