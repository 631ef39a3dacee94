import { inspectBundle, type BundleSummary } from '#bundle';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import { counted } from '../values.ts';
import { rehearsalLines } from './rehearsal.ts';

export function addBundleInspect(bundle: Command, cli: Cli): void {
  bundle
    .command('inspect')
    .description('show what is in a bundle')
    .argument('<path>', 'bundle folder or .gofleet file')
    .action(
      cli.action(async (path: string) => {
        const summary = await inspectBundle(path);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(summary) : renderBundle(summary));
        return 0;
      }),
    );
}

export function renderBundle(bundle: BundleSummary): string {
  return [
    `${bundle.name}  sha256:${bundle.digest}`,
    `${counted(bundle.blobs, 'blob')}, ${formatBytes(bundle.bytes)}, ${bundle.signature === null ? 'not signed' : `signed with ${bundle.signature.fingerprint} (not checked)`}`,
    ...differentialLines(bundle.differential),
    ...(bundle.toolchains.length > 0 ? ['', toolchainTable(bundle.toolchains)] : []),
    ...(bundle.packs.length > 0 ? ['', packTable(bundle.packs)] : []),
    ...spaced(toolLines(bundle)),
    ...spaced(rehearsalLines(bundle.rehearsal, bundle.packs.length)),
    ...spaced(lookedInto(bundle)),
    ...bundle.unverified.map((name) => `warning: nothing vouches for ${name}`),
  ].join('\n');
}

function differentialLines(differential: BundleSummary['differential']): string[] {
  if (!differential) return [];
  const { bytes, needs, composed } = differential;
  return [
    `differential: carries ${formatBytes(bytes)}; ${counted(composed, 'blob')} put together from what is there, needs ${counted(needs, 'blob')} of the other side`,
  ];
}

function toolLines({ tools, packs }: BundleSummary): string[] {
  const named = new Set(packs.flatMap(({ also }) => also));
  return [
    ...(tools.length > 0 ? [`tools: ${tools.join(', ')}`] : []),
    ...(named.size > 0 ? [`packed besides: ${[...named].join(', ')}`] : []),
  ];
}

/** What other commands can tell about it. */
function lookedInto({ sbom, packs }: BundleSummary): string[] {
  const has = [
    ...(sbom ? ['a bill of materials (bundle sbom)'] : []),
    ...(packs.some(({ graphs }) => graphs) ? ['dependency graphs (bundle graph)'] : []),
  ];
  return has.length > 0 ? [`has ${has.join(' and ')}`] : [];
}

function spaced(lines: string[]): string[] {
  return lines.length > 0 ? ['', ...lines] : [];
}

function toolchainTable(toolchains: BundleSummary['toolchains']): string {
  return renderTable(toolchains, [
    { title: 'TOOLCHAIN', cell: ({ version }) => version },
    { title: 'PLATFORM', cell: ({ platform }) => platform },
    { title: 'SIZE', cell: ({ size }) => formatBytes(size), align: 'right' },
    { title: 'UNPACKED', cell: (each) => formatBytes(each.unpackedBytes), align: 'right' },
    { title: 'SOURCE', cell: ({ source }) => source },
    { title: 'CHECKED AGAINST', cell: ({ verified }) => verified },
  ]);
}

function packTable(packs: BundleSummary['packs']): string {
  return renderTable(packs, [
    { title: 'PACK', cell: ({ name }) => name },
    { title: 'MODULES', cell: ({ modules }) => String(modules), align: 'right' },
    { title: 'SIZE', cell: ({ size }) => formatBytes(size), align: 'right' },
    { title: 'UNPACKED', cell: (each) => formatBytes(each.unpackedBytes), align: 'right' },
    { title: 'CHECKSUM DATABASE', cell: ({ sumdb }) => databaseText(sumdb) },
    { title: 'PROJECTS', cell: ({ projects }) => projects.map(projectText).join(', ') },
  ]);
}

function databaseText(sumdb: BundleSummary['packs'][number]['sumdb']): string {
  if (!sumdb) return 'none';
  const { name, except } = sumdb;
  return except.length > 0 ? `${name} (all but ${counted(except.length, 'module')})` : name;
}

function projectText({ name, workspace, vendored }: Project): string {
  const notes = [
    ...(workspace.length > 0 ? [`workspace of ${workspace.length}`] : []),
    ...(vendored ? ['vendored'] : []),
  ];
  return notes.length > 0 ? `${name} (${notes.join(', ')})` : name;
}

type Project = BundleSummary['packs'][number]['projects'][number];
