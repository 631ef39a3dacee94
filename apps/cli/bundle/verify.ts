import { verifyBundle, type VerifyReport } from '#bundle';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { openProgress } from '../terminal/progress.ts';
import { counted } from '../values.ts';

export function addBundleVerify(bundle: Command, cli: Cli): void {
  bundle
    .command('verify')
    .description('hash everything in a bundle; 1 when something is not as its manifest says')
    .argument('<path>', 'bundle folder or .gofleet file')
    .action(
      cli.action(async (path: string) => {
        const { terminal } = cli;
        const line = openProgress(terminal);
        const show = (done: number, total: number) => line.show(`hashing ${path}`, done, total);
        const report = await verifyBundle(path, { progress: show }).finally(() => line.end());
        terminal.out(terminal.json ? JSON.stringify(report) : renderReport(report));
        return report.good ? 0 : 1;
      }),
    );
}

export function renderReport({ good, name, digest, blobs, bytes, faults }: VerifyReport): string {
  const what = `${name ?? 'bundle'} (sha256:${digest})`;
  if (good) return `good: ${what}, ${counted(blobs, 'blob')}, ${formatBytes(bytes)}`;
  return [
    `not good: ${what}: ${counted(faults.length, 'fault')}`,
    ...faults.map(({ path, problem, message }) => `  ${path}: ${message} (${problem})`),
    'remedy: bring the bundle anew from where it was built; an import would refuse it.',
  ].join('\n');
}
