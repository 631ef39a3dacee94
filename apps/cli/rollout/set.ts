import type { Command } from 'commander';
import { GofleetError } from '#errors';
import { InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';
import { quantity, wholeNumber } from '../values.ts';
import { act } from './act.ts';
import { printRollout } from './status.ts';

interface SetOptions {
  concurrency?: number;
  maxFailures?: number | string;
  maxUnreachable?: number | string;
  maxSameSignature?: number;
  delay?: string;
  batch?: number;
  window?: WindowText[];
  windows: boolean;
  note?: string;
}

interface WindowText {
  days?: string[];
  from: string;
  to: string;
  timezone?: string;
}

export function addRolloutSet(rollout: Command, cli: Cli): void {
  rollout
    .command('set')
    .description('change numbers of a rollout that is under way; they hold at once')
    .argument('<id>', 'of the rollout')
    .option('--concurrency <hosts>', 'hosts at work at once', wholeNumber)
    .option('--max-failures <hosts>', 'tolerated: 5 or 5%', quantity)
    .option('--max-unreachable <hosts>', 'tolerated: 5 or 5%', quantity)
    .option('--max-same-signature <hosts>', 'failures that look alike, tolerated', wholeNumber)
    .option('--delay <time>', 'after every batch that is still to come: 2m')
    .option('--batch <number>', 'of this batch the tolerances and the delay', wholeNumber)
    .option(
      '--window <text>',
      'hosts start in it: "sat,sun 01:00-05:00 host"; may be given again',
      window,
    )
    .option('--no-windows', 'hosts start at any time')
    .option('--note <text>', 'why, for those who read it later')
    .action(
      cli.action(async (id: string, options: SetOptions) => {
        const body = patchOf(options);
        printRollout(await act(id, 'patch', () => body, cli), cli);
        return 0;
      }),
    );
}

/** The body of the PATCH: with a batch its own numbers, else those of the whole rollout. */
function patchOf(options: SetOptions): Record<string, unknown> {
  const { batch, concurrency, delay, maxSameSignature, note } = options;
  const tolerances = defined({
    maxFailures: options.maxFailures,
    maxUnreachable: options.maxUnreachable,
  });
  if (batch !== undefined && Object.keys(tolerances).length === 0 && delay === undefined)
    throw wrongUse('--batch goes with --max-failures, --max-unreachable or --delay');
  const own = batch === undefined ? tolerances : {};
  const batches =
    batch === undefined || Object.keys(tolerances).length === 0
      ? undefined
      : { [batch]: tolerances };
  const budgets = defined({ ...own, maxSameSignature, batches });
  return defined({
    concurrency,
    budgets: Object.keys(budgets).length > 0 ? budgets : undefined,
    delays: delay !== undefined && batch !== undefined ? { [batch]: delay } : delay,
    windows: options.windows ? options.window : [],
    note,
  });
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** `sat,sun 01:00-05:00 Asia/Shanghai`: days and zone may be left out. */
function window(text: string, before: WindowText[] = []): WindowText[] {
  const [, days, from = '', to = '', timezone] =
    /^(?:([a-z]{3}(?:,[a-z]{3})*) )?(\d\d:\d\d)-(\d\d:\d\d)(?: (\S+))?$/.exec(text.trim()) ?? [];
  if (from === '') throw new InvalidArgumentError('It must be such as "sat,sun 01:00-05:00 host".');
  return [
    ...before,
    { from, to, ...(days && { days: days.split(',') }), ...(timezone && { timezone }) },
  ];
}

function wrongUse(message: string): GofleetError {
  return new GofleetError('usage', message, { remedy: 'See gofleet rollout set --help.' });
}
