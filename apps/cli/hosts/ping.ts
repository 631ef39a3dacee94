import { userInfo } from 'node:os';
import { join } from 'node:path';
import { isGofleetError } from '#errors';
import { openJumps } from '#ssh';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { wholeNumber } from '../values.ts';
import { hostsCommand, readHosts, readKnownHosts, type HostsFlags } from './options.ts';
import { pingHost, type Pinged } from './ping-host.ts';
import { exitCodeOfVisits, visitHosts, type Visit } from './visit-hosts.ts';

interface PingFlags extends HostsFlags {
  keys?: string;
  secrets?: string;
  /** Megabytes. */
  minFree: number;
}

export function addHostsPing(hosts: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  hostsCommand(hosts, 'ping')
    .description('connect from here, log in, become root, look at disk and platform')
    .option('--keys <dir>', 'with the keys that the inventory names, instead of DATA/keys')
    .option('--secrets <dir>', 'with its secrets, instead of DATA/secrets')
    .option('--min-free <megabytes>', 'how much disk must be free', wholeNumber, 500)
    .action(cli.action((pattern: string, flags: PingFlags) => ping(pattern, flags, cli, env)));
}

async function ping(
  pattern: string,
  flags: PingFlags,
  cli: Cli,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const hosts = await readHosts(flags, pattern);
  const places = {
    keysFolder: flags.keys ?? join(cli.data, 'keys'),
    secretsFolder: flags.secrets ?? join(cli.data, 'secrets'),
    env,
    allow: 'all' as const,
  };
  await using jumps = openJumps({ places, user: userInfo().username });
  const options = {
    jumps,
    places,
    known: await readKnownHosts(flags, cli),
    timeout: flags.timeout * 1000,
    minFree: flags.minFree * 1_000_000,
  };
  const visits = await visitHosts(hosts, flags, cli.terminal, (host) => pingHost(host, options));
  const { terminal } = cli;
  terminal.out(
    terminal.json ? JSON.stringify(visits.map(visitJson)) : renderPing(visits, terminal.colors),
  );
  return exitCodeOfVisits(visits);
}

function visitJson({ host, found }: Visit<Pinged>): Record<string, unknown> {
  const { address, port } = host.connection;
  const where = { name: host.name, address, port };
  if (!isGofleetError(found)) return { ...where, ok: true, ...found };
  const { code, message, remedy } = found;
  return { ...where, ok: false, code, message, remedy };
}

/** A line a host, those that need somebody last; then how many of each code. */
export function renderPing(visits: readonly Visit<Pinged>[], colors: Colors): string {
  const rows = [...visits].sort((a, b) => Number(isBad(a)) - Number(isBad(b)));
  const table = renderTable(rows, [
    { title: 'HOST', cell: ({ host }) => host.name },
    { title: 'ADDRESS', cell: ({ host }) => `${host.connection.address}:${host.connection.port}` },
    {
      title: 'RESULT',
      cell: ({ found }) => (isGofleetError(found) ? colors.red(found.code) : colors.green('ok')),
    },
    { title: 'USER', cell: ({ found }) => (isGofleetError(found) ? '' : found.user) },
    { title: 'PLATFORM', cell: ({ found }) => (isGofleetError(found) ? '' : found.platform) },
    {
      title: 'FREE',
      cell: ({ found }) => (isGofleetError(found) ? '' : formatBytes(found.freeBytes)),
      align: 'right',
    },
    {
      title: '',
      cell: ({ found }) => (isGofleetError(found) ? `${found.message} (${found.remedy})` : ''),
    },
  ]);
  return `${table}\n\n${tally(visits)}`;
}

/** `3 ok, 1 auth, 2 timeout` */
function tally(visits: readonly Visit<Pinged>[]): string {
  const counts = new Map<string, number>([['ok', 0]]);
  for (const { found } of visits) {
    const code = isGofleetError(found) ? found.code : 'ok';
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].map(([code, count]) => `${count} ${code}`).join(', ');
}

function isBad({ found }: Visit<Pinged>): boolean {
  return isGofleetError(found);
}
