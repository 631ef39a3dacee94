import { diffBundles, openBundle, type BundleDiff } from '#bundle';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { counted } from '../values.ts';

export function addBundleDiff(bundle: Command, cli: Cli): void {
  bundle
    .command('diff')
    .description('say what changed from one bundle to another; 1 where something did')
    .argument('<before>', 'bundle folder or .gofleet file')
    .argument('<after>', 'bundle folder or .gofleet file')
    .action(
      cli.action(async (before: string, after: string) => {
        const { terminal } = cli;
        const diff = diffBundles(await openBundle(before), await openBundle(after));
        terminal.out(terminal.json ? JSON.stringify(diff) : renderDiff(diff));
        return diff.differences.length > 0 ? 1 : 0;
      }),
    );
}

function renderDiff({ before, after, differences, newBlobs, newBytes, sameBlobs }: BundleDiff) {
  const words = differences.map(({ kind, name, change, before: from, after: to }) => {
    const versions =
      from !== undefined && to !== undefined ? ` ${from} -> ${to}` : ` ${from ?? to ?? ''}`;
    return `${kind} ${name} ${change}${versions.trimEnd()}`;
  });
  return [
    `${before.name} (sha256:${before.digest.slice(0, 12)}) -> ${after.name} (sha256:${after.digest.slice(0, 12)})`,
    ...(words.length > 0 ? words : ['nothing changed']),
    `${counted(newBlobs, 'new blob')}, ${formatBytes(newBytes)}; ${counted(sameBlobs, 'blob')} as before`,
  ].join('\n');
}
