import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { GofleetError } from '#errors';
import { formatBytes } from '#units';
import type { Cli } from '../cli.ts';

/** What a ledger does not hold, and a controller needs. */
const NOT_IN_IT = [
  'blobs (import the bundles again)',
  'inventory/, playbooks/, notify/, known_hosts, worker.yaml',
  'keys/ and secrets/',
  'token and worker.token (only their hashes are in it)',
];
/** A large ledger takes its time to be checked before the first byte comes. */
const PATIENCE = 3_600_000;

export function addBackup(program: Command, cli: Cli): void {
  program
    .command('backup')
    .description('copy the ledger while the controller works (admin, audited)')
    .option('-o, --output <file>', 'where to; absent: here, named by fleet, time and release')
    .action(
      cli.action(async ({ output }: { output?: string }) => {
        const response = await cli.client.call('GET', '/v1/backup', { timeout: PATIENCE });
        const file = resolve(output ?? nameOf(response));
        const size = await save(response, file);
        const { terminal } = cli;
        if (terminal.json) terminal.out(JSON.stringify({ file, size, without: NOT_IN_IT }));
        else terminal.out(backupText(file, size));
        return 0;
      }),
    );
}

function backupText(file: string, size: number): string {
  const without = NOT_IN_IT.map((each) => `  ${each}`).join('\n');
  return `${file}: the ledger, checked, ${formatBytes(size)}\nNot in it; keep these too:\n${without}`;
}

/** A name that the controller gave, never a path. */
function nameOf(response: Response): string {
  const given = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return basename(given ?? 'gofleet.sqlite');
}

/** Under its name there is never half a file. */
async function save(response: Response, file: string): Promise<number> {
  const part = `${file}.part`;
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  const out = createWriteStream(part, { mode: 0o600, flush: true });
  try {
    await pipeline(body, out);
    const expected = Number(response.headers.get('content-length') ?? out.bytesWritten);
    if (out.bytesWritten !== expected) throw new Error(`${out.bytesWritten} of ${expected} bytes`);
    await rename(part, file);
    return expected;
  } catch (cause) {
    await rm(part, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GofleetError('unavailable', `the copy of the ledger did not arrive whole: ${why}`, {
      remedy: 'Look at the space where it goes and at the controller, then try again.',
      cause,
    });
  }
}
