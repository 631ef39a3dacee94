import type { ReadingHost } from '#api';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { Colors } from '../terminal/terminal.ts';
import { counted, wholeNumber } from '../values.ts';
import { factsOf, type ShownFacts } from './read-facts.ts';
import { exitCodeOfFaults, readHosts, readingCommand, type ReadingFlags } from './reading.ts';

/** A Go toolchain has some 14,000 files and folders. */
const MIN_INODES = 20_000;

interface DoctorFlags extends ReadingFlags {
  /** Megabytes. */
  minFree: number;
}

/** What a rollout would fail on. */
export interface Finding {
  host: string;
  site: string;
  code: string;
  message: string;
  remedy: string;
}

export function addHostsDoctor(hosts: Command, cli: Cli): void {
  readingCommand(hosts, 'doctor')
    .description('tell what a rollout would fail on, by code, with what to do')
    .option('--min-free <megabytes>', 'how much disk must be free', wholeNumber, 500)
    .action(
      cli.action(async (patterns: string[], flags: DoctorFlags) => {
        const read = await readHosts(cli, patterns, flags);
        const findings = read.flatMap((host) => findingsOf(host, flags.minFree * 1_000_000));
        const { terminal } = cli;
        terminal.out(
          terminal.json
            ? JSON.stringify(findings)
            : renderFindings(findings, read.length, terminal.colors),
        );
        return exitCodeOfFaults(findings.map(({ code }) => code));
      }),
    );
}

/** Why it could not be read, or all that is wrong with it. */
export function findingsOf(host: ReadingHost, minFree: number): Finding[] {
  const { name, site } = host;
  const facts = factsOf(host);
  const faults = facts ? [...facts.faults, ...lackOfRoom(facts, minFree)] : [unread(host)];
  return faults.map(({ code, message, remedy }) => ({ host: name, site, code, message, remedy }));
}

function unread({ code, message, remedy }: ReadingHost) {
  return {
    code: code ?? 'internal',
    message: message ?? 'it was not read',
    remedy: remedy ?? 'Try again; look into the log of the worker of its site.',
  };
}

/** How much a rollout needs depends on its bundle: this is what a toolchain does. */
function lackOfRoom({ freeBytes, freeInodes, root }: ShownFacts, minFree: number) {
  const disk = {
    code: 'disk',
    message: `${formatBytes(freeBytes)} are free for ${root}`,
    remedy: `Free ${formatBytes(minFree)}, or ask for less with --min-free.`,
  };
  const inodes = {
    code: 'inodes',
    message: `${freeInodes} inodes are free for ${root}`,
    remedy: 'Remove files on the host: a Go toolchain takes 14,000.',
  };
  return [
    ...(freeBytes < minFree ? [disk] : []),
    ...(freeInodes !== null && freeInodes < MIN_INODES ? [inodes] : []),
  ];
}

/** By code, the remedy once, then the hosts. */
export function renderFindings(
  findings: readonly Finding[],
  hosts: number,
  colors: Colors,
): string {
  const bad = new Set(findings.map(({ host, site }) => `${site}/${host}`)).size;
  const summary = `${counted(hosts - bad, 'host')} of ${hosts} would not stop a rollout`;
  const groups = [...Map.groupBy(findings, ({ code, remedy }) => `${code}\n${remedy}`).values()];
  const sections = groups.map((group) => {
    const [{ code, remedy } = { code: '', remedy: '' }] = group;
    const lines = group.map(({ host, message }) => `  ${host}: ${message}`);
    return [
      `${colors.red(code)} (${counted(group.length, 'host')})`,
      ...lines,
      `  -> ${remedy}`,
    ].join('\n');
  });
  return [...sections, summary].join('\n\n');
}
