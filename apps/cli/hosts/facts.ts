import type { ReadingHost } from '#api';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { factsOf } from './read-facts.ts';
import {
  codesOfUnread,
  exitCodeOfFaults,
  readHosts,
  readingCommand,
  type ReadingFlags,
} from './reading.ts';

export function addHostsFacts(hosts: Command, cli: Cli): void {
  readingCommand(hosts, 'facts')
    .description('read through their workers what hosts have; nothing is changed')
    .action(
      cli.action(async (patterns: string[], flags: ReadingFlags) => {
        const read = await readHosts(cli, patterns, flags);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(read) : renderFacts(read, terminal.colors));
        return exitCodeOfFaults(codesOfUnread(read));
      }),
    );
}

/** A line a host. */
export function renderFacts(hosts: readonly ReadingHost[], colors: Colors): string {
  const rows = hosts.map((host) => ({ host, facts: factsOf(host) }));
  return renderTable(rows, [
    { title: 'HOST', cell: ({ host }) => host.name },
    { title: 'SITE', cell: ({ host }) => host.site },
    {
      title: 'GO',
      cell: ({ host, facts }) => (facts ? (facts.goVersion ?? '-') : colors.red(host.code ?? '')),
    },
    { title: 'MODULES', cell: ({ facts }) => (facts ? (facts.modules ?? '-') : '') },
    { title: 'PLATFORM', cell: ({ facts }) => facts?.platform ?? '' },
    {
      title: 'AS',
      cell: ({ facts }) => (facts?.mode === 'user' ? facts.user : (facts?.mode ?? '')),
    },
    { title: 'ROOT', cell: ({ facts }) => facts?.root ?? '' },
    {
      title: 'FREE',
      cell: ({ facts }) => (facts ? formatBytes(facts.freeBytes) : ''),
      align: 'right',
    },
    {
      title: 'BY ROLLOUT',
      cell: ({ host, facts }) => (facts ? (facts.rollout ?? '-') : (host.message ?? '')),
    },
  ]);
}
