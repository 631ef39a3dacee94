import { openBundle, type Manifest, type PackModule } from '#bundle';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import { counted, names } from '../values.ts';
import { readForbidden } from './forbidden-licenses.ts';

interface LicensesFlags {
  forbid?: string[];
}

/** A licence and what is under it. */
interface Licensed {
  license: string;
  forbidden: boolean;
  /** `path@version`, sorted. */
  modules: string[];
}

export function addBundleLicenses(bundle: Command, cli: Cli): void {
  bundle
    .command('licenses')
    .description('list the licences of all modules of a bundle; 1 where one is forbidden')
    .argument('<path>', 'bundle folder or .gofleet file')
    .option(
      '--forbid <id,…>',
      'SPDX identifiers, such as AGPL-3.0-only, GPL-*, NOASSERTION (not recognised), NONE',
      names,
    )
    .action(
      cli.action(async (path: string, { forbid = [] }: LicensesFlags) => {
        const { terminal } = cli;
        const isForbidden = readForbidden(forbid);
        const { manifest } = await openBundle(path);
        const rows = licensesOf(manifest, isForbidden);
        const bad = rows.filter(({ forbidden }) => forbidden);
        terminal.out(terminal.json ? JSON.stringify(rows) : renderLicenses(rows, bad));
        return bad.length > 0 ? 1 : 0;
      }),
    );
}

function licensesOf({ packs }: Manifest, isForbidden: (license: string) => boolean): Licensed[] {
  const modules = new Map<string, PackModule>();
  for (const module of packs.flatMap((pack) => pack.modules))
    modules.set(`${module.path}@${module.version}`, module);
  const under = new Map<string, string[]>();
  for (const [name, { licenses }] of modules)
    for (const license of licenses) under.set(license, [...(under.get(license) ?? []), name]);
  return [...under]
    .sort(([a], [b]) => Number(a > b) - Number(a < b))
    .map(([license, those]) => ({
      license,
      forbidden: isForbidden(license),
      modules: those.sort(),
    }));
}

function renderLicenses(rows: Licensed[], bad: Licensed[]): string {
  const table = renderTable(
    rows.flatMap(({ license, modules }) => modules.map((module) => ({ license, module }))),
    [
      { title: 'LICENSE', cell: ({ license }) => license },
      { title: 'MODULE', cell: ({ module }) => module },
    ],
  );
  const faults = bad.map(
    ({ license, modules }) =>
      `forbidden: ${license}, in ${counted(modules.length, 'module')}: ${modules.join(', ')}`,
  );
  return [table, ...(faults.length > 0 ? ['', ...faults] : [])].join('\n');
}
