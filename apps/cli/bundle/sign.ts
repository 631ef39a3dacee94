import { signBundle } from '#bundle';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { sshKeygen } from './ssh-keygen.ts';

export function addBundleSign(bundle: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  bundle
    .command('sign')
    .description('sign a bundle with an SSH key; its digest stays the same')
    .argument('<path>', 'bundle folder or .gofleet file')
    .requiredOption(
      '-k, --key <file>',
      'private key, hardware key, or the .pub file of a key in the agent',
    )
    .action(
      cli.action(async (path: string, { key }: { key: string }) => {
        const { terminal } = cli;
        const { fingerprint } = await signBundle(path, sshKeygen(key, env));
        terminal.out(
          terminal.json ? JSON.stringify({ path, fingerprint }) : `signed by ${fingerprint}`,
        );
        return 0;
      }),
    );
}
