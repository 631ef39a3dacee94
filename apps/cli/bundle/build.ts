import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildBundle, type BuildEvent } from '#builder';
import { inspectBundle, signBundle } from '#bundle';
import { isGofleetError } from '#errors';
import type { Command } from 'commander';
import { throughProxies } from '../../process/http-proxy.ts';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruptible.ts';
import { withDetails } from '../print-error.ts';
import { byteCount } from '../values.ts';
import { openProgress, type Progress } from '../terminal/progress.ts';
import { readAgainst } from './have.ts';
import { renderBundle } from './inspect.ts';
import { sshKeygen } from './ssh-keygen.ts';

interface BuildFlags {
  out: string;
  cache?: string;
  cacheSize?: number;
  go?: string;
  dlUrl?: string;
  sign?: string;
  rehearsal: boolean;
  against?: string;
  like?: string;
  allowUnverified?: boolean;
}

export function addBundleBuild(bundle: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  bundle
    .command('build')
    .description('build a bundle; what was fetched is kept for the next build')
    .argument('<file>', 'bundle file (YAML)')
    .requiredOption('-o, --out <path>', 'folder, or file that ends with .gofleet')
    .option('--cache <dir>', 'where fetched and packed things are kept')
    .option('--cache-size <size>', 'bytes that it may take: 20GB unless said', byteCount)
    .option('--go <path>', 'the go command, instead of the one in PATH')
    .option('--no-rehearsal', 'do not try whether each project builds from its pack alone')
    .option(
      '--against <path>',
      'carry what the other side lacks: its have.json, or a bundle that it has',
    )
    .option('--like <path>', 'an earlier bundle, whose head of the checksum database is used again')
    .option('--allow-unverified', 'take also what nobody vouches for; the manifest names it')
    .option('--sign <key>', 'SSH key to sign it with, as for `bundle sign`')
    .option('--dl-url <url>', 'index of Go releases, instead of https://go.dev/dl/')
    .action(cli.action((file: string, flags: BuildFlags) => build(file, flags, cli, env)));
}

async function build(
  file: string,
  { out, cache, cacheSize, go, dlUrl, sign, rehearsal, against, ...flags }: BuildFlags,
  { terminal }: Cli,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const have = against === undefined ? undefined : await readAgainst(against);
  const line = openProgress(terminal);
  const kept = cache ?? cacheFolder(env);
  const options = {
    file,
    out,
    cache: kept,
    cacheBytes: cacheSize,
    go,
    dlUrl,
    env,
    rehearse: rehearsal,
    against: have,
    ...flags,
  };
  using _ = throughProxies(env);
  const built = await interruptible((signal) =>
    buildBundle({ ...options, signal, progress: shower(line) }),
  )
    .catch((error: unknown) => {
      throw isGofleetError(error, 'invalid_file') || isGofleetError(error, 'not_supported_yet')
        ? withDetails(error, { file })
        : error;
    })
    .finally(() => line.end());
  if (sign !== undefined) await signBundle(built.path, sshKeygen(sign, env));
  const summary = await inspectBundle(built.path);
  terminal.out(
    terminal.json
      ? JSON.stringify({ path: built.path, ...summary })
      : `${renderBundle(summary)}\n\nwritten to ${built.path}`,
  );
  return 0;
}

function shower(line: Progress): (event: BuildEvent) => void {
  return ({ step, message, done, total, warning }) =>
    warning ? line.note(`warning: ${message}`) : line.show(`${step}: ${message}`, done, total);
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gofleet', 'build');
}
