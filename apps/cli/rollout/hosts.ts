import type { RolloutHost } from '#api';
import { HOST_STATES } from '#rollout';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { wholeNumber } from '../values.ts';
import { rolloutPath } from './paths.ts';
import { stateText } from './render-rollout.ts';

interface HostsOptions {
  state?: string;
  batch?: number;
  names?: boolean;
}

export function addRolloutHosts(rollout: Command, cli: Cli): void {
  rollout
    .command('hosts')
    .description('list the hosts of a rollout')
    .argument('<id>', 'of the rollout')
    .addOption(new Option('--state <state>', 'only those in this state').choices(HOST_STATES))
    .option('--batch <number>', 'only those of this batch', wholeNumber)
    .option('--names', 'print names alone, one a line, for --limit @FILE')
    .action(
      cli.action(async (id: string, { names, ...filter }: HostsOptions) => {
        const hosts = await cli.client.list<RolloutHost>(rolloutPath(id, 'hosts'), { ...filter });
        printHosts(hosts, names === true, cli);
        return 0;
      }),
    );
}

function printHosts(hosts: RolloutHost[], namesAlone: boolean, { terminal }: Cli): void {
  const shown = hosts.map(({ name }) => name);
  if (terminal.json) terminal.out(JSON.stringify(namesAlone ? shown : hosts));
  else if (!namesAlone) terminal.out(renderHosts(hosts, terminal.colors));
  else if (shown.length > 0) terminal.out(shown.join('\n'));
}

export function renderHosts(hosts: readonly RolloutHost[], colors: Colors): string {
  return renderTable(hosts, [
    { title: 'HOST', cell: ({ name }) => name },
    { title: 'SITE', cell: ({ site }) => site },
    { title: 'BATCH', cell: ({ batch }) => String(batch ?? ''), align: 'right' },
    { title: 'STATE', cell: ({ state }) => stateText(state, colors) },
    { title: '', cell: (host) => whyText(host) },
  ]);
}

/** Why a host stands where it stands: what a person would ask next. */
export function whyText({ unchanged, code, message, remedy, reason, step }: RolloutHost): string {
  if (unchanged) return 'unchanged';
  if (code !== null) return `${code}: ${message ?? ''}${remedy ? ` (${remedy})` : ''}`;
  if (reason) return `${reason.code}: ${reason.message}`;
  return step ?? '';
}
