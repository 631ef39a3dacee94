import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Command } from 'commander';
import { GofleetError } from '#errors';
import { canonicalJson } from '#rollout';
import type { Cli } from '../cli.ts';

export function addAuditCheck(audit: Command, cli: Cli): void {
  audit
    .command('check')
    .description('hash a report that was kept anew: it is what it was, or this ends with 1')
    .argument('<file>', 'as "rollout report" wrote it in JSON')
    .action(
      cli.action(async (file: string) => {
        const { said, found } = await hashReport(file);
        const good = said === found;
        const { terminal } = cli;
        if (terminal.json) terminal.out(JSON.stringify({ good, said, found }));
        else if (good) terminal.out(`${file} is what it was: sha256 ${found}`);
        else terminal.out(`${file} was changed: it says sha256 ${said}, and is ${found}`);
        return good ? 0 : 1;
      }),
    );
}

/** Of a report no more is looked at than its digest needs, so that one of another release can be checked too. */
const Kept = z.looseObject({ report: z.looseObject({}), sha256: z.string() });

async function hashReport(file: string): Promise<{ said: string; found: string }> {
  const { report, sha256 } = await readReport(file);
  const found = createHash('sha256').update(canonicalJson(report)).digest('hex');
  return { said: sha256, found };
}

async function readReport(file: string): Promise<z.infer<typeof Kept>> {
  try {
    return Kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new GofleetError('invalid_file', `${file} cannot be read as a report`, {
      remedy: 'Name a file that "gofleet rollout report ID -o FILE" wrote.',
      cause,
    });
  }
}
