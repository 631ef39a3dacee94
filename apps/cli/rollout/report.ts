import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { GofleetError } from '#errors';
import type { Cli } from '../cli.ts';
import { rolloutPath } from './paths.ts';

interface ReportOptions {
  format: 'json' | 'html';
  output?: string;
}

export function addRolloutReport(rollout: Command, cli: Cli): void {
  rollout
    .command('report')
    .description('print evidence of all that happened in a rollout, with a digest of it')
    .argument('<id>', 'of the rollout')
    .addOption(
      new Option('--format <format>', 'a page to print, or JSON')
        .choices(['json', 'html'])
        .default('json'),
    )
    .option('-o, --output <file>', 'write it there; nothing is there before it is whole')
    .action(
      cli.action(async (id: string, { format, output }: ReportOptions) => {
        const path = rolloutPath(id, 'report');
        const { body } = await cli.client.call('GET', path, { query: { format } });
        const text = (body ?? new ReadableStream<Uint8Array>()).pipeThrough(
          new TextDecoderStream(),
        );
        if (output === undefined) for await (const piece of text) cli.terminal.write(piece);
        else {
          await keep(text, output);
          cli.terminal.err(`wrote ${output}`);
        }
        return 0;
      }),
    );
}

/** Beside its place first: an answer that was cut off leaves nothing there. */
async function keep(text: AsyncIterable<string>, file: string): Promise<void> {
  const beside = `${file}.${randomUUID()}.part`;
  try {
    await pipeline(text, createWriteStream(beside, { flags: 'wx' }));
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GofleetError('unavailable', `the report was not written to ${file}: ${why}`, {
      remedy: 'Look at the folder and at the controller, then ask for the report again.',
      cause,
    });
  }
}
