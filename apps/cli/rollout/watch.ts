import type { EventRecord, Rollout } from '#api';
import { isFinal } from '#rollout';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRollout } from './follow.ts';
import { openPicture, type Picture } from './picture.ts';
import { renderRollout } from './render-rollout.ts';

export interface WatchOptions {
  /** Stay when a gate pauses the rollout. */
  keep?: boolean;
  /** Print in JSON: every change, one a line, or only how it ended. */
  json?: 'changes' | 'end';
}

export function addRolloutWatch(rollout: Command, cli: Cli): void {
  rollout
    .command('watch')
    .description('show a rollout live until it ends or a gate pauses it')
    .argument('<id>', 'of the rollout')
    .option('--keep', 'stay when a gate pauses the rollout')
    .action(cli.action((id: string, options: WatchOptions) => watchRollout(id, options, cli)));
}

/** 0 when the rollout succeeded, 1 at any other end and when a gate paused it. */
export async function watchRollout(id: string, options: WatchOptions, cli: Cli): Promise<ExitCode> {
  const picture = openPicture(cli.terminal);
  let latest: Rollout | undefined;
  try {
    for await (latest of followRollout(cli.client, id, notes(picture))) {
      if (cli.terminal.json && options.json !== 'end') cli.terminal.out(JSON.stringify(latest));
      picture.show(latest);
      if (isOver(latest, options.keep === true)) break;
    }
  } finally {
    picture.end();
  }
  return latest ? conclude(latest, options, cli) : 1;
}

/** A person who paused it goes on with it as well; what a gate paused waits for somebody who looks. */
export function isOver({ state, reason }: Rollout, keep: boolean): boolean {
  if (isFinal(state)) return true;
  return state === 'paused' && reason?.code !== 'operator' && !keep;
}

function conclude(rollout: Rollout, { json }: WatchOptions, { terminal, again }: Cli): ExitCode {
  if (!terminal.json) terminal.out(renderRollout(rollout, terminal.colors, again));
  else if (json === 'end') terminal.out(JSON.stringify(rollout));
  return rollout.state === 'succeeded' ? 0 : 1;
}

function notes(picture: Picture) {
  return {
    event: (event: EventRecord) => {
      const line = eventLine(event);
      if (line !== undefined) picture.note(line);
    },
    gone: (error: Error) => picture.note(`${error.message}; trying again`),
    back: () => picture.note('the controller answers again'),
  };
}

const NEWS = new Set(['failed', 'unreachable', 'lost', 'rollback_failed']);

/** What somebody who watches wants to know of at once: hosts that went wrong, and alerts. */
export function eventLine({ at, type, host, details }: EventRecord): string | undefined {
  const time = at.slice(11, 19);
  if (type === 'alert')
    return `${time} alert: ${text(details['message']) || text(details['code'])}`;
  if (type !== 'host.state' || !NEWS.has(text(details['state']))) return undefined;
  const why = [text(details['code']), text(details['message'])].filter((part) => part !== '');
  return `${time} ${host ?? ''} ${text(details['state'])}${why.length > 0 ? `: ${why.join(': ')}` : ''}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
