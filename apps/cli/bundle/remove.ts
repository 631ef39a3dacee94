import type { BundleRemoved } from '#api';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { counted } from '../values.ts';

export function addBundleRemove(bundle: Command, cli: Cli): void {
  bundle
    .command('remove')
    .description('remove a bundle from the controller, unless something still needs it')
    .argument('<bundle>', 'digest, or name: the one that was imported last under it')
    .action(
      cli.action(async (named: string) => {
        const { terminal, client } = cli;
        const path = `/v1/bundles/${encodeURIComponent(named)}`;
        const removed = await client.delete<BundleRemoved>(path);
        terminal.out(terminal.json ? JSON.stringify(removed) : removedText(removed));
        return 0;
      }),
    );
}

function removedText({ name, digest, blobs, size }: BundleRemoved): string {
  const freed =
    blobs === 0
      ? 'other bundles have all of its blobs'
      : `${counted(blobs, 'blob')}, ${formatBytes(size)} freed`;
  return `removed ${name} (sha256:${digest}): ${freed}`;
}
