import { open } from 'node:fs/promises';
import { GofleetError } from '#errors';
import { isKeyName, newSignerKey } from '#gomod';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addBundleSumdbKey(bundle: Command, cli: Cli): void {
  bundle
    .command('sumdb-key')
    .description('make the key of a checksum database of your own, for `sumdb` in bundle files')
    .argument('<name>', 'name of the database, such as sum.corp.example')
    .requiredOption('-o, --out <file>', 'where the private key is written')
    .action(
      cli.action(async (name: string, { out }: { out: string }) => {
        const { terminal } = cli;
        if (!isKeyName(name)) throw badName(name);
        const { signer, verifier } = newSignerKey(name);
        await writeSecret(out, `${signer}\n`);
        terminal.out(
          terminal.json
            ? JSON.stringify({ name, path: out, verifier })
            : `${out} is the private key: keep it where only builds can read it\nGOSUMDB=${verifier}`,
        );
        return 0;
      }),
    );
}

/** For its owner alone; what is there stays, as a database whose key is lost cannot go on. */
async function writeSecret(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new GofleetError('usage', `${path} cannot be made`, {
      remedy: 'Name a file that is not there yet, in a folder that is.',
      cause: error,
    });
  });
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function badName(name: string): GofleetError {
  return new GofleetError('usage', `${JSON.stringify(name)} cannot name a checksum database`, {
    remedy: 'Use a host name of yours, maybe with a path, as in `sum.corp.example`.',
  });
}
