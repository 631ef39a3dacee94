import { writeFile } from 'node:fs/promises';
import { GofleetError, isGofleetError } from '#errors';
import { lookUpPins, parseKnownHosts, type Host, type KnownHosts } from '#inventory';
import { scanHostKeys } from '#ssh';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { renderTable } from '../terminal/table.ts';
import {
  compareKeys,
  knownHostsLines,
  shownKey,
  type AskedHost,
  type Verdict,
} from './compare-keys.ts';
import { exitCodeOfVisits, visitHosts } from './visit-hosts.ts';
import {
  hostsCommand,
  readHosts,
  readIfThere,
  readKnownHosts,
  type HostsFlags,
} from './options.ts';

interface ScanFlags extends HostsFlags {
  out?: string;
}

export function addHostsScan(hosts: Command, cli: Cli): void {
  hostsCommand(hosts, 'scan')
    .description('read host keys for a person to compare; 1 when one is not what was known')
    .option('-o, --out <file>', 'known_hosts file that new keys are added to')
    .action(cli.action((pattern: string, flags: ScanFlags) => scanHosts(pattern, flags, cli)));
}

/** What was found of one host. */
interface Scanned extends AskedHost {
  address: string;
  verdict: Verdict | 'unreachable';
  /** `ssh-ed25519 AAAA…`, one of each kind; none where it could not be asked. */
  keys: string[];
  /** As `ssh-keygen -l` shows them. */
  fingerprints: string[];
  /** Fingerprints of what was known. */
  expected: string[];
  error: { code: string; message: string; remedy: string } | null;
}

async function scanHosts(pattern: string, flags: ScanFlags, cli: Cli): Promise<ExitCode> {
  const hosts = await readHosts(flags, pattern);
  const before = flags.out === undefined ? undefined : await readIfThere(flags.out);
  const known =
    flags.out === undefined ? await readKnownHosts(flags, cli) : parseKnownHosts(before ?? '');
  const visits = await visitHosts(hosts, flags, cli.terminal, (host) => keysOf(host, flags));
  const scanned = visits.map(({ host, found }) => judge(host, found, known));
  const fresh = scanned.filter((host) => isFresh(host, known));
  if (flags.out !== undefined && fresh.length > 0)
    await writeFile(flags.out, withLines(before ?? '', fresh));
  print(scanned, fresh.length, flags, cli);
  const differs = scanned.some(({ verdict }) => verdict === 'changed' || verdict === 'revoked');
  return differs ? 1 : exitCodeOfVisits(visits);
}

async function keysOf({ connection }: Host, { timeout }: ScanFlags): Promise<string[]> {
  const { address, port } = connection;
  const keys = await scanHostKeys(address, port, { timeout: timeout * 1000 });
  if (keys.length > 0) return keys.map(({ line }) => line);
  const place = `${address}:${port}`;
  throw new GofleetError('host_key_unsupported', `${place} shows no key that can be pinned`, {
    remedy: 'Make one on the host, of the kind ed25519.',
  });
}

function judge(host: Host, found: string[] | GofleetError, known: KnownHosts): Scanned {
  const { port, address, hostKeys } = host.connection;
  const asked = { name: host.name, address, port, pinned: hostKeys };
  if (!isGofleetError(found)) {
    const compared = compareKeys(asked, found, known);
    return { ...asked, ...compared, keys: found, fingerprints: found.map(shownKey), error: null };
  }
  const { code, message, remedy } = found;
  const error = { code, message, remedy };
  return { ...asked, verdict: 'unreachable', keys: [], fingerprints: [], expected: [], error };
}

/** Not in known_hosts yet, be it pinned by the inventory. */
function isFresh(host: Scanned, known: KnownHosts): boolean {
  const fine = host.verdict === 'new' || host.verdict === 'known';
  return fine && lookUpPins(known, host.name, host.port).keys.length === 0;
}

/** What is in the file stays as it is: a key that changed is for a person to replace. */
function withLines(before: string, fresh: Scanned[]): string {
  const lines = fresh.flatMap((host) => knownHostsLines(host, host.keys));
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`;
}

function print(scanned: Scanned[], fresh: number, { out }: ScanFlags, { terminal }: Cli): void {
  if (terminal.json) return terminal.out(JSON.stringify(scanned));
  terminal.out(renderScan(scanned));
  if (out !== undefined) terminal.err(`${fresh} added to ${out}`);
  if (scanned.some(({ verdict }) => verdict === 'new'))
    terminal.err(
      'Compare the fingerprints with what the hosts say themselves (ssh-keygen -lf), and only then use them.',
    );
}

export function renderScan(scanned: readonly Scanned[]): string {
  return renderTable(scanned, [
    { title: 'HOST', cell: ({ name }) => name },
    { title: 'ADDRESS', cell: ({ address, port }) => `${address}:${port}` },
    { title: 'KEY', cell: ({ verdict }) => (verdict === 'changed' ? 'CHANGED' : verdict) },
    { title: 'FINGERPRINT', cell: ({ fingerprints }) => fingerprints.join(', ') },
    {
      title: '',
      cell: ({ verdict, expected, error }) =>
        error
          ? `${error.code}: ${error.message}`
          : verdict === 'changed'
            ? `was ${expected.join(', ')}`
            : '',
    },
  ]);
}
