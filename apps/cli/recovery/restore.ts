import { createReadStream, existsSync, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Restore } from '#api';
import type { Command } from 'commander';
import { GofleetError, isGofleetError } from '#errors';
import { receiveRestore, stageRestore } from '#ledger';
import type { Cli } from '../cli.ts';

interface RestoreOptions {
  otherFleet?: true;
}

/** The file is checked from end to end before the controller answers. */
const PATIENCE = 3_600_000;
const RESTART = 60_000;

export function addRestore(program: Command, cli: Cli): void {
  program
    .command('restore')
    .description('put a backup in the place of the ledger, which is kept (admin, audited)')
    .argument('<file>', 'as "gofleet backup" made it')
    .option('--other-fleet', 'it may be the ledger of another fleet')
    .action(
      cli.action(async (file: string, options: RestoreOptions) => {
        await requireFile(file);
        const restored = await restoreRunning(cli, file, options);
        const said = restored ?? (await restoreStopped(cli, file, options));
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(said) : restoredText(said, cli.again));
        return 0;
      }),
    );
}

/** What was done: by the controller that runs, or put where the next start finds it. */
type Restored = { running: true; restore: Restore } | { running: false; folder: string };

async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  throw new GofleetError('invalid_file', `${file}: there is no such file`, {
    remedy: 'Name a file that "gofleet backup" made.',
  });
}

/** Undefined where no controller answers. */
async function restoreRunning(
  cli: Cli,
  file: string,
  { otherFleet }: RestoreOptions,
): Promise<Restored | undefined> {
  try {
    await cli.client.call('GET', '/healthz');
  } catch (error) {
    if (cli.choice.url === undefined && isGofleetError(error, 'unavailable')) return undefined;
    throw error;
  }
  const response = await cli.client.call('POST', '/v1/restore', {
    query: { otherFleet: otherFleet ? 'true' : undefined },
    headers: { 'content-type': 'application/vnd.sqlite3' },
    body: await openAsBlob(file),
    timeout: PATIENCE,
  });
  const staged = (await response.json()) as Restore;
  return { running: true, restore: await restarted(cli, staged) };
}

/** The controller starts again with it; meanwhile nobody answers. */
async function restarted({ client }: Cli, staged: Restore): Promise<Restore> {
  const until = performance.now() + RESTART;
  for (;;) {
    await sleep(200);
    const found = await client.get<Restore>('/v1/restore').catch((error: unknown) => {
      if (isGofleetError(error, 'unauthorized')) throw unknownToken(error);
      if (isGofleetError(error, 'unavailable') || isGofleetError(error, 'not_found'))
        return undefined;
      throw error;
    });
    if (found?.at === staged.at) return found;
    if (performance.now() > until) throw notBack();
  }
}

/** The file is only copied here: the controller looks at it when it starts. */
async function restoreStopped(
  { data }: Cli,
  file: string,
  { otherFleet = false }: { otherFleet?: boolean },
): Promise<Restored> {
  if (!existsSync(data))
    throw new GofleetError('usage', `there is no data folder ${data}`, {
      remedy: 'Name the folder of the controller with --data, or its address with --url.',
    });
  const folder = resolve(join(data, 'ledger'));
  await receiveRestore(folder, createReadStream(file));
  await stageRestore(folder, { who: userInfo().username, at: Date.now(), otherFleet });
  return { running: false, folder };
}

function restoredText(restored: Restored, again: string): string {
  if (!restored.running)
    return (
      `No controller runs. The file lies in ${restored.folder}: the next start checks it and goes on with it,\n` +
      `or says why not. Then: gofleet recover${again}`
    );
  const { fleet, backedUpAt } = restored.restore;
  return (
    `The controller goes on with the ledger of fleet ${fleet}${backedUpAt === null ? '' : ` as of ${backedUpAt}`}.\n` +
    'Every rollout that had not ended is paused; tokens that were revoked since are valid again.\n' +
    `Read the hosts back before anything is resumed: gofleet recover${again}`
  );
}

function unknownToken(cause: GofleetError): GofleetError {
  return new GofleetError('unauthorized', 'restored, but the ledger does not know this token', {
    remedy: 'Use a token that was there when the backup was made, or DIR/token of the controller.',
    cause,
  });
}

function notBack(): GofleetError {
  return new GofleetError('unavailable', 'the controller did not come back with the ledger', {
    remedy: 'Look at its log; the ledger before lies beside the new one as replaced-TIME.sqlite.',
  });
}
