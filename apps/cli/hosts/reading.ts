import { setTimeout as sleep } from 'node:timers/promises';
import type { Reading, ReadingBody, ReadingHost } from '#api';
import { CODES, type ErrorCode } from '#errors';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { openProgress } from '../terminal/progress.ts';
import { inventoryOf } from '../values.ts';

const PAUSE = 300;

export interface ReadingFlags {
  inventory?: string;
  /** Whether installed trees are hashed on the hosts too. */
  trees?: boolean;
}

/** A command that has workers look at hosts. */
export function readingCommand(hosts: Command, name: string): Command {
  return hosts
    .command(name)
    .argument('[pattern...]', 'names of known hosts, or patterns with *; with -i a pattern of it')
    .option(
      '-i, --inventory <name>',
      "hosts of an inventory of the controller's, or of @FILE; absent: hosts that rollouts have had",
      inventoryOf,
    );
}

/** Has the hosts read through their workers, and waits until that is done. Nothing on them is changed. */
export async function readHosts(
  cli: Cli,
  patterns: string[],
  { inventory, trees }: ReadingFlags,
): Promise<ReadingHost[]> {
  const which: ReadingBody =
    inventory === undefined
      ? { hosts: patterns.length === 0 ? 'all' : patterns }
      : { inventory, targets: patterns.length === 0 ? 'all' : patterns.join(':') };
  const body: ReadingBody = { ...which, ...(trees === true && { trees }) };
  const begun = await cli.client.post<Reading>('/v1/readings', body);
  await untilDone(cli, begun);
  return cli.client.list<ReadingHost>(`/v1/readings/${begun.id}`);
}

async function untilDone({ client, terminal }: Cli, begun: Reading): Promise<void> {
  const line = openProgress(terminal, { format: String });
  let reading = begun;
  try {
    while (reading.state === 'running') {
      const { waiting, planned } = reading.counts;
      if (terminal.live) line.show('hosts', planned - waiting, planned);
      await sleep(PAUSE);
      reading = await client.get<Reading>(`/v1/readings/${begun.id}`, { limit: 1 });
    }
  } finally {
    line.end();
  }
}

/** 3 where hosts could only not be reached or logged in to, 1 where anything else was found. */
export function exitCodeOfFaults(codes: readonly string[]): ExitCode {
  const exits = codes.map((code) => (isKnown(code) ? CODES[code].exit : 1));
  return exits.includes(1) ? 1 : (exits[0] ?? 0);
}

function isKnown(code: string): code is ErrorCode {
  return code in CODES;
}

/** Hosts that could not be read, with the reason. */
export function codesOfUnread(hosts: readonly ReadingHost[]): string[] {
  return hosts.filter(({ state }) => state !== 'read').map(({ code }) => code ?? 'internal');
}
