import { openBundle, type Manifest } from '#bundle';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';

/** One module of one pack. */
interface Listed {
  pack: string;
  path: string;
  version: string;
  /** Null where only its go.mod is in the pack. */
  h1: string | null;
  goModH1: string;
  verified: string;
}

export function addBundleList(bundle: Command, cli: Cli): void {
  bundle
    .command('list')
    .description('list every module of a bundle, with its hash and what it was checked against')
    .argument('<path>', 'bundle folder or .gofleet file')
    .action(
      cli.action(async (path: string) => {
        const { terminal } = cli;
        const modules = listModules((await openBundle(path)).manifest);
        terminal.out(terminal.json ? JSON.stringify(modules) : renderModules(modules));
        return 0;
      }),
    );
}

function listModules({ packs }: Manifest): Listed[] {
  return packs.flatMap(({ name, modules }) => modules.map((module) => ({ pack: name, ...module })));
}

function renderModules(modules: Listed[]): string {
  return renderTable(modules, [
    { title: 'PACK', cell: ({ pack }) => pack },
    { title: 'MODULE', cell: ({ path }) => path },
    { title: 'VERSION', cell: ({ version }) => version },
    { title: 'CHECKED AGAINST', cell: ({ verified }) => verified },
    { title: 'HASH', cell: ({ h1, goModH1 }) => h1 ?? `${goModH1} (go.mod alone)` },
  ]);
}
