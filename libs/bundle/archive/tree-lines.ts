import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GofleetError } from '#errors';
import { readArchive } from '../tar/read-archive.ts';
import { treeDigest, type TreeLine } from './tree.ts';

const CHUNK = 256 * 1024;

/**
 * The files and links of an archive with their hashes, as its manifest's `tree` covers them. Throws `bundle_invalid`
 * where they are not what that digest says.
 */
export async function treeLines(
  archive: AsyncIterable<Uint8Array>,
  tree: string,
): Promise<TreeLine[]> {
  const lines: TreeLine[] = [];
  await pipeline(
    Readable.from(archive, { objectMode: false }),
    createGunzip({ chunkSize: CHUNK }),
    async (chunks: AsyncIterable<Buffer>) => {
      await readArchive(chunks, ({ name, kind, mode, target }) => {
        const hash = createHash('sha256');
        if (kind === 'link') hash.update(target);
        const shown = kind === 'link' ? 'link' : mode === 0o755 ? '0755' : '0644';
        return {
          write: (chunk) => void hash.update(chunk),
          end: () => {
            if (kind === 'folder') return;
            lines.push({ path: name, mode: shown, sha256: hash.digest('hex') });
          },
        };
      });
    },
  );
  if (treeDigest(lines) === tree) return lines;
  throw new GofleetError('bundle_invalid', 'an archive does not hold what its manifest says', {
    remedy: 'Import the bundle again, and look at the disk of the store.',
    details: { tree },
  });
}
