import { openBundle, readSbom } from '#bundle';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addBundleSbom(bundle: Command, cli: Cli): void {
  bundle
    .command('sbom')
    .description('print the bill of materials of a bundle (CycloneDX 1.6, JSON)')
    .argument('<path>', 'bundle folder or .gofleet file')
    .action(
      cli.action(async (path: string) => {
        const text = await readSbom(await openBundle(path));
        cli.terminal.out(text.trimEnd());
        return 0;
      }),
    );
}
