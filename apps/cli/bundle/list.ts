import { listModules, openBundle, readAllGraphs, type ListedModule } from '#bundle';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderCsv } from '../terminal/csv.ts';
import { renderTable, type Column } from '../terminal/table.ts';

interface ListFlags {
  format: 'text' | 'csv';
}

export function addBundleList(bundle: Command, cli: Cli): void {
  bundle
    .command('list')
    .description(
      'list every module of a bundle: who needs it, its licence, what it was checked against',
    )
    .argument('<path>', 'bundle folder or .gofleet file')
    .addOption(
      new Option('--format <format>', 'text, or csv for spreadsheets')
        .choices(['text', 'csv'])
        .default('text'),
    )
    .action(
      cli.action(async (path: string, { format }: ListFlags) => {
        const { terminal } = cli;
        const opened = await openBundle(path);
        const modules = listModules(opened.manifest, await readAllGraphs(opened));
        const render = format === 'csv' ? renderCsv : renderTable;
        terminal.out(terminal.json ? JSON.stringify(modules) : render(modules, COLUMNS));
        return 0;
      }),
    );
}

const COLUMNS: Column<ListedModule>[] = [
  { title: 'PACK', cell: ({ pack }) => pack },
  { title: 'MODULE', cell: ({ path }) => path },
  { title: 'VERSION', cell: ({ version }) => version },
  { title: 'NEEDED', cell: ({ needed }) => needed ?? '?' },
  { title: 'BY', cell: ({ by }) => by.join(', ') },
  { title: 'LICENSE', cell: ({ licenses }) => licenses.join(', ') },
  { title: 'CHECKED AGAINST', cell: ({ verified }) => verified },
  { title: 'HASH', cell: ({ h1, goModH1 }) => h1 ?? `${goModH1} (go.mod alone)` },
];
