import { verifyAudit, type AuditEntry, type AuditVerdict, type Page } from '#api';
import { InvalidArgumentError, type Command } from 'commander';
import type { Client } from '../client/client.ts';
import type { Cli } from '../cli.ts';
import { addAuditCheck } from './check.ts';

export function addAuditCommands(program: Command, cli: Cli): void {
  const audit = program.command('audit').description('look at who did what');
  audit
    .command('verify')
    .description('make the hash of every entry of the audit anew, and name the first that is wrong')
    .option(
      '--head <id:hash>',
      'an entry as it was printed before: it has to be there still',
      readHead,
    )
    .action(
      cli.action(async ({ head }: { head?: Head }) => {
        const found = await verify(cli.client, head);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(found) : renderVerdict(found));
        return found.fault ? 1 : 0;
      }),
    );
  addAuditCheck(audit, cli);
}

interface Head {
  id: number;
  hash: string;
}

function readHead(text: string): Head {
  const [, id, hash] = /^(\d+):([\da-f]{64})$/.exec(text) ?? [];
  if (id === undefined || hash === undefined)
    throw new InvalidArgumentError('It must be ID:HASH, as "audit verify" prints it.');
  return { id: Number(id), hash };
}

/** The chain alone cannot tell that its end was cut off, or that all of it was made anew: an entry kept elsewhere can. */
async function verify(client: Client, head: Head | undefined): Promise<AuditVerdict> {
  let met: AuditEntry | undefined;
  const verdict = await verifyAudit(
    watch(entries(client), (entry) => {
      if (entry.id === head?.id) met = entry;
    }),
  );
  if (!head || verdict.fault || met?.hash === head.hash) return verdict;
  const kind = met ? 'changed' : 'removed';
  const message = met
    ? `entry ${head.id} is not the one that was kept: it or one before it was changed`
    : `entry ${head.id} was removed`;
  return { ...verdict, fault: { first: head.id, last: head.id, kind, message } };
}

/** Oldest first, page by page. */
async function* entries(client: Client): AsyncGenerator<AuditEntry> {
  let cursor: string | undefined;
  do {
    const query = { order: 'asc', limit: 1000, cursor };
    const page = await client.get<Page<AuditEntry>>('/v1/audit', query);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function* watch<T>(items: AsyncIterable<T>, seen: (item: T) => void): AsyncGenerator<T> {
  for await (const item of items) {
    seen(item);
    yield item;
  }
}

export function renderVerdict({ verified, unchained, head, fault }: AuditVerdict): string {
  return [
    ...(fault ? [`${fault.message}: the audit is not what it was (${fault.kind})`] : []),
    `${verified} ${verified === 1 ? 'entry' : 'entries'}${fault ? ' before' : ''} verified`,
    ...(unchained > 0
      ? [`${unchained} from before the chain was kept: nothing is known of them (unchained)`]
      : []),
    ...(head ? [`head ${head.id}:${head.hash}`] : []),
  ].join('\n');
}
