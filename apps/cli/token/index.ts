import type { NewToken, Token, TokenBody } from '#api';
import { GofleetError } from '#errors';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';

interface CreateOptions {
  role?: 'viewer' | 'operator' | 'admin';
  worker?: boolean;
  site?: string;
  name?: string;
  approve?: boolean;
}

export function addTokenCommands(program: Command, cli: Cli): void {
  const token = program.command('token').description('make and take away access');
  addCreate(token, cli);
  addList(token, cli);
  addRevoke(token, cli);
}

function addCreate(token: Command, cli: Cli): void {
  token
    .command('create')
    .description('make a token; its secret is shown once')
    .addOption(
      new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'admin']),
    )
    .addOption(new Option('--worker', 'for a worker instead of a person').conflicts('role'))
    .option('--site <name>', "the worker's site")
    .option(
      '--approve',
      'it may approve rollouts of others, whatever its role; an admin may anyway',
    )
    .option('--name <text>', 'who or what it is for')
    .action(
      cli.action(async (options: CreateOptions) => {
        const made = await cli.client.post<NewToken>('/v1/tokens', tokenBody(options));
        const { terminal } = cli;
        if (terminal.json) terminal.out(JSON.stringify(made));
        else {
          terminal.err(`token ${made.id} (${made.role}${made.site ? ` of ${made.site}` : ''}):`);
          terminal.out(made.secret);
        }
        return 0;
      }),
    );
}

function tokenBody({ role, worker, site, name, approve }: CreateOptions): TokenBody {
  if (worker && approve) throw wrongUse('--approve is for people, not for workers');
  if ((worker === true) !== (site !== undefined))
    throw wrongUse('--worker and --site belong together');
  if (!worker && role === undefined) throw wrongUse('neither --role nor --worker is given');
  const permissions: TokenBody['permissions'] = approve ? ['approve'] : undefined;
  return { role: worker ? 'worker' : (role ?? 'viewer'), site, name, permissions };
}

function wrongUse(message: string): GofleetError {
  return new GofleetError('usage', message, {
    remedy: 'Write --role viewer|operator|admin, or --worker --site NAME.',
  });
}

function addList(token: Command, cli: Cli): void {
  token
    .command('list')
    .description('list tokens, without their secrets')
    .action(
      cli.action(async () => {
        const tokens = await cli.client.list<Token>('/v1/tokens');
        cli.terminal.out(cli.terminal.json ? JSON.stringify(tokens) : renderTokens(tokens));
        return 0;
      }),
    );
}

export function renderTokens(tokens: readonly Token[]): string {
  return renderTable(tokens, [
    { title: 'ID', cell: ({ id }) => id },
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'ROLE', cell: ({ role }) => role },
    { title: 'MAY', cell: ({ permissions }) => permissions.join(' ') },
    { title: 'SITE', cell: ({ site }) => site ?? '' },
    { title: 'CREATED', cell: ({ createdAt }) => createdAt },
    { title: 'BY', cell: ({ createdBy }) => createdBy },
    { title: 'LAST USED', cell: ({ lastUsedAt }) => lastUsedAt ?? 'never' },
  ]);
}

function addRevoke(token: Command, cli: Cli): void {
  token
    .command('revoke')
    .description('make a token worthless at once')
    .argument('<id>', 'as "token list" shows it')
    .action(
      cli.action(async (id: string) => {
        await cli.client.delete(`/v1/tokens/${encodeURIComponent(id)}`);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify({ id, revoked: true }) : `revoked ${id}`);
        return 0;
      }),
    );
}
