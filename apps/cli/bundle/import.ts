import { importBundle, openBundle, type Imported, type Trust } from '#bundle';
import { formatBytes } from '#units';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { openProgress } from '../terminal/progress.ts';
import { counted } from '../values.ts';
import { openReceiver } from './receiver.ts';

export function addBundleImport(bundle: Command, cli: Cli): void {
  bundle
    .command('import')
    .description('send a bundle to the controller; goes on where an earlier import stopped')
    .argument('<path>', 'bundle folder or .gofleet file')
    .action(
      cli.action(async (path: string) => {
        const { terminal, client } = cli;
        const opened = await openBundle(path);
        const line = openProgress(terminal);
        const show = (done: number, total: number) =>
          line.show(`sending ${opened.manifest.name}`, done, total);
        const imported = await importBundle(opened, openReceiver(client), {
          progress: show,
        }).finally(() => line.end());
        terminal.out(terminal.json ? JSON.stringify(imported) : importedText(imported));
        return 0;
      }),
    );
}

function importedText({ name, digest, blobs, bytes, trust }: Imported): string {
  const sent =
    blobs === 0 ? 'every blob was there' : `${counted(blobs, 'blob')}, ${formatBytes(bytes)} sent`;
  return `imported ${name} (sha256:${digest}): ${sent}${trust ? `; ${trustText(trust)}` : ''}`;
}

/** By the policy of the controller: what it did not want signed it took all the same. */
function trustText(trust: Trust): string {
  switch (trust.state) {
    case 'trusted':
      return `signed by ${trust.signer} (${trust.fingerprint})`;
    case 'untrusted':
      return `taken all the same: ${trust.message}`;
    case 'unchecked':
      return 'the controller does not ask who signed it';
    default:
      return trust satisfies never;
  }
}
