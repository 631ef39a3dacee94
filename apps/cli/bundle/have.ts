import { readFile, stat } from 'node:fs/promises';
import type { BundleDetail, BundleSummary } from '#api';
import {
  blobsIn,
  haveOf,
  Manifest,
  openBundle,
  readHave,
  type BlobSource,
  type Have,
} from '#bundle';
import { checkValue } from '#document';
import { GofleetError } from '#errors';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { Client } from '../client/client.ts';
import { openProgress } from '../terminal/progress.ts';
import { readBlob } from './receiver.ts';

export function addBundleHave(bundle: Command, cli: Cli): void {
  bundle
    .command('have')
    .description('print what the controller has, for `bundle build --against` on the other side')
    .argument('[bundles...]', 'names or digests there, bundle folders or .gofleet files; all there')
    .action(
      cli.action(async (names: string[]) => {
        const { terminal, client } = cli;
        const blobs = names.length > 0 ? await blobsOf(names, client) : await allBlobs(client);
        const line = openProgress(terminal);
        const have = await haveOf(
          watched(blobs, (done, total) => line.show('reading', done, total)),
        ).finally(() => line.end());
        terminal.out(JSON.stringify(have));
        return 0;
      }),
    );
}

/** What the other side has: as `bundle have` printed it, or as a bundle tells that went there. */
export async function readAgainst(path: string): Promise<Have> {
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw new GofleetError('usage', `${path} cannot be read`, {
      remedy: 'Name what `gofleet bundle have` printed, or a bundle that the other side has.',
    });
  if (found.isDirectory() || path.endsWith('.gofleet'))
    return haveOf(blobsIn(await openBundle(path)));
  return readHave(await readFile(path, 'utf8'), path);
}

async function blobsOf(names: readonly string[], client: Client): Promise<BlobSource[]> {
  const blobs: BlobSource[] = [];
  for (const name of names) {
    const here = await stat(name).catch(() => undefined);
    blobs.push(...(here ? blobsIn(await openBundle(name)) : await blobsThere(name, client)));
  }
  return blobs;
}

async function allBlobs(client: Client): Promise<BlobSource[]> {
  const blobs: BlobSource[] = [];
  for (const { digest } of await client.list<BundleSummary>('/v1/bundles'))
    blobs.push(...(await blobsThere(digest, client)));
  return blobs;
}

/** Blobs of a bundle that the controller has still. */
async function blobsThere(name: string, client: Client): Promise<BlobSource[]> {
  const { manifest, missing } = await client.get<BundleDetail>(
    `/v1/bundles/${encodeURIComponent(name)}`,
  );
  const { name: bundle, blobs } = checkValue(manifest, Manifest, { name: `manifest of ${name}` });
  const gone = new Set(missing.map(({ sha256 }) => sha256));
  return blobs
    .filter(({ sha256 }) => !gone.has(sha256))
    .map(({ sha256, size }) => ({ sha256, size, bundle, read: () => readBlob(client, sha256) }));
}

function watched(
  blobs: readonly BlobSource[],
  show: (done: number, total: number) => void,
): BlobSource[] {
  const sizes = new Map(blobs.map(({ sha256, size }) => [sha256, size]));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let done = 0;
  return blobs.map((blob) => ({
    ...blob,
    async *read() {
      for await (const chunk of blob.read()) {
        show((done += chunk.length), total);
        yield chunk;
      }
    },
  }));
}
