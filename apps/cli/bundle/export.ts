import { exportGoproxy, openBundle, type Exported } from '#bundle';
import { formatBytes } from '#units';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { counted } from '../values.ts';
import { choosePack } from './choose-pack.ts';

interface ExportFlags {
  out: string;
  pack?: string;
}

export function addBundleExport(bundle: Command, cli: Cli): void {
  bundle
    .command('export')
    .description('write a pack of a bundle as something that other tools read')
    .argument('<path>', 'bundle folder or .gofleet file')
    .addOption(
      new Option('--format <format>', 'goproxy: a plain tree for GOPROXY=file://…')
        .choices(['goproxy'])
        .default('goproxy'),
    )
    .requiredOption('-o, --out <folder>', 'a new folder')
    .option('--pack <name>', 'which pack, where there are several')
    .action(
      cli.action(async (path: string, { out, pack }: ExportFlags) => {
        const opened = await openBundle(path);
        const exported = await exportGoproxy(opened, choosePack(opened.manifest, pack), out);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(exported) : exportedText(exported));
        return 0;
      }),
    );
}

function exportedText({ path, pack, files, bytes, settings }: Exported): string {
  return [
    `wrote the pack ${pack} to ${path}: ${counted(files, 'file')}, ${formatBytes(bytes)}`,
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ].join('\n');
}
