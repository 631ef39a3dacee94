import { joinBundle, splitBundle } from '#bundle';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { openProgress } from '../terminal/progress.ts';
import { byteCount, counted } from '../values.ts';

export function addBundleSplit(bundle: Command, cli: Cli): void {
  bundle
    .command('split')
    .description('cut a .gofleet file into parts that fit a medium, with their SHA-256')
    .argument('<file>', '.gofleet file')
    .requiredOption('--size <size>', 'bytes of a part: 4G, 700MB', byteCount)
    .option('-o, --out <dir>', 'an existing folder for the parts', '.')
    .action(
      cli.action(async (path: string, { size, out }: { size: number; out: string }) => {
        const { terminal } = cli;
        const line = openProgress(terminal);
        const progress = (done: number, total: number) =>
          line.show(`splitting ${path}`, done, total);
        const split = await splitBundle(path, { size, folder: out, progress }).finally(() =>
          line.end(),
        );
        terminal.out(
          terminal.json
            ? JSON.stringify(split)
            : [...split.parts, split.sums, counted(split.parts.length, 'part')].join('\n'),
        );
        return 0;
      }),
    );
}

export function addBundleJoin(bundle: Command, cli: Cli): void {
  bundle
    .command('join')
    .description('put parts together again; names each part that is bad or missing')
    .argument('<path>', 'the .sha256 file that came with the parts, or their folder')
    .option('-o, --out <file>', 'instead of the name that it had, beside the parts')
    .action(
      cli.action(async (path: string, { out }: { out?: string }) => {
        const { terminal } = cli;
        const joined = await joinBundle(path, { out });
        terminal.out(terminal.json ? JSON.stringify({ path: joined }) : `joined: ${joined}`);
        return 0;
      }),
    );
}
