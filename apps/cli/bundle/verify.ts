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
    .option('--allowed-signers <file>', 'who may sign, as ssh-keygen -Y verify reads it')
    .option('--revoked-keys <file>', 'keys that may not sign any more, as ssh-keygen -r reads it')
    .action(
      cli.action(async (path: string, flags: SigningFlags) => {
        const { terminal } = cli;
        const line = openProgress(terminal);
        const show = (done: number, total: number) => line.show(`hashing ${path}`, done, total);
        const signing = await readSigningPolicy(flags);
        const report = await verifyBundle(path, { progress: show, signing }).finally(() =>
          line.end(),
        );
        terminal.out(terminal.json ? JSON.stringify(report) : renderReport(report));
        return report.good ? 0 : 1;
      }),
    );
}

export function renderReport(report: VerifyReport): string {
  const { good, name, digest, blobs, bytes, faults } = report;
  const what = `${name ?? 'bundle'} (sha256:${digest})`;
  if (good)
    return `good: ${what}, ${counted(blobs, 'blob')}, ${formatBytes(bytes)}, ${trustText(report)}`;
  return [
    `not good: ${what}: ${counted(faults.length, 'fault')}`,
    ...faults.map(({ path, problem, message }) => `  ${path}: ${message} (${problem})`),
    'remedy: bring the bundle anew from where it was built; an import would refuse it.',
  ].join('\n');
}

function trustText({ trust }: VerifyReport): string {
  if (trust?.state === 'trusted') return `signed by ${trust.signer} (${trust.fingerprint})`;
  return 'nobody was asked who signed it (--allowed-signers)';
}
