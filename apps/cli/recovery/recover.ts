import { setTimeout as sleep } from 'node:timers/promises';
import type { Recovery, RecoveryResult } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { counted } from '../values.ts';

const PAUSE = 500;

export function addRecover(program: Command, cli: Cli): void {
  program
    .command('recover')
    .description('read hosts back and correct the ledger by them (admin, audited)')
    .argument('[pattern...]', 'names of known hosts, or patterns with *; absent: all')
    .option('--note <text>', 'why, for those who read it later')
    .action(
      cli.action(async (patterns: string[], { note }: { note?: string }) => {
        const hosts = patterns.length > 0 ? patterns : 'all';
        const begun = await cli.client.post<Recovery>('/v1/recoveries', { hosts, note });
        const ended = await untilDone(cli, begun);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(ended) : recoveryText(ended, cli.again));
        return ended.result?.unread.length === 0 ? 0 : 1;
      }),
    );
}

async function untilDone(cli: Cli, begun: Recovery): Promise<Recovery> {
  let recovery = begun;
  let shown = -1;
  while (recovery.state !== 'done') {
    const { waiting, planned } = recovery.counts;
    if (waiting !== shown && !cli.terminal.json)
      cli.terminal.err(`reading hosts: ${planned - waiting} of ${planned}`);
    shown = waiting;
    await sleep(PAUSE);
    recovery = await cli.client.get<Recovery>(`/v1/recoveries/${begun.id}`);
  }
  return recovery;
}

/** What was found, a line a host, and what is left to be done. */
export function recoveryText({ counts, result, paused }: Recovery, again = ''): string {
  const lines = [
    `${counts.read} of ${counted(counts.planned, 'host')} read`,
    ...(result ? findings(result) : []),
  ];
  if (lines.length === 1) lines.push('the ledger says what the hosts say: nothing to correct');
  for (const { id, name } of paused)
    lines.push(`${name} waits: gofleet rollout resume ${id}${again}`);
  return lines.join('\n');
}

function findings(found: RecoveryResult): string[] {
  const of = (each: { host: string; rollout: string }) => `${each.host}: ${each.rollout}`;
  return [
    ...section(
      'later claims than the ledger knew; its count goes on from there',
      found.epochs.map(({ host, before, after }) => `${host}: epoch ${before} -> ${after}`),
    ),
    ...section(
      'switched without the ledger knowing; a rollback reaches it now',
      found.changed.map(of),
    ),
    ...section('of these, checked already: succeeded', found.succeeded.map(of)),
    ...section('back at what was before: rolled back', found.rolledBack.map(of)),
    ...section('switched last by a rollout that this ledger does not know', found.unknown.map(of)),
    ...section('of these, left alone from now on by an earlier rollout', found.skipped.map(of)),
    ...section(
      'of another fleet; not touched',
      found.foreign.map(({ host, fleet }) => `${host}: ${fleet}`),
    ),
    ...section(
      'not read; run "gofleet recover" again once it answers',
      found.unread.map(({ host, code, message }) => `${host}: ${code ?? 'unread'}: ${message}`),
    ),
  ];
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
