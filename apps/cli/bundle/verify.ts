import { verifyBundle, type VerifyReport } from '#bundle';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { openProgress } from '../terminal/progress.ts';
import { counted } from '../values.ts';
import { readSigningPolicy, type SigningFlags } from './signing-policy.ts';

export function addBundleVerify(bundle: Command, cli: Cli): void {
  bundle
    .command('verify')
    .description('hash everything in a bundle; 1 when something is not as its manifest says')
    .argument('<path>', 'bundle folder or .gofleet file')
    .option('--deep', 'unpack every archive to nowhere and compare what is in it, too')
    .option('--allowed-signers <file>', 'who may sign, as ssh-keygen -Y verify reads it')
    .option('--revoked-keys <file>', 'keys that may not sign any more, as ssh-keygen -r reads it')
    .action(
      cli.action(async (path: string, { deep, ...flags }: SigningFlags & { deep?: true }) => {
        const { terminal } = cli;
        const line = openProgress(terminal);
        const show = (done: number, total: number) => line.show(`checking ${path}`, done, total);
        const signing = await readSigningPolicy(flags);
        const options = { progress: show, signing, deep: deep ?? false };
        const report = await verifyBundle(path, options).finally(() => line.end());
        terminal.out(terminal.json ? JSON.stringify(report) : renderReport(report));
        return report.good ? 0 : 1;
      }),
    );
}

export function renderReport(report: VerifyReport): string {
  const { good, name, digest, blobs, bytes, faults } = report;
  const what = `${name ?? 'bundle'} (sha256:${digest})`;
  if (good)
    return [
      `good: ${what}, ${counted(blobs, 'blob')}, ${formatBytes(bytes)}, ${trustText(report)}`,
      ...needsLines(report),
    ].join('\n');
  return [
    `not good: ${what}: ${counted(faults.length, 'fault')}`,
    ...faults.map(({ path, problem, message }) => `  ${path}: ${message} (${problem})`),
    'remedy: bring the bundle anew from where it was built; an import would refuse it.',
  ].join('\n');
}

/** What it lacks is checked where it is imported: what is put together there is hashed. */
function needsLines({ needs }: VerifyReport): string[] {
  if (needs.length === 0) return [];
  const bundles = [...new Set(needs.map(({ bundle }) => bundle))].join(', ');
  return [
    `differential: needs ${counted(needs.length, 'blob')} that the other side has of ${bundles}`,
    ...needs.map(({ sha256, size, bundle }) => `  ${sha256} (${bundle}, ${formatBytes(size)})`),
  ];
}

function trustText({ trust }: VerifyReport): string {
  if (trust?.state === 'trusted') return `signed by ${trust.signer} (${trust.fingerprint})`;
  return 'nobody was asked who signed it (--allowed-signers)';
}
