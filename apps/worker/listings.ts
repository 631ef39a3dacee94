import { treeLines } from '#bundle';
import type { Blobs, KnownTree, TreeFile } from '#operations';

/** What archives hold, for a look whether hosts still have it. */
export interface Listings {
  of(tree: KnownTree, blobs: Pick<Blobs, 'open'>): Promise<readonly TreeFile[]>;
}

/** Archives whose listings are kept: a toolchain has some ten thousand files. */
const KEPT = 8;

/** Reads an archive once for all hosts that are compared with it. */
export function openListings(): Listings {
  const known = new Map<string, Promise<readonly TreeFile[]>>();
  return {
    of(tree, blobs) {
      const reading = known.get(tree.blob) ?? read(tree, blobs);
      known.delete(tree.blob);
      known.set(tree.blob, reading);
      reading.catch(() => known.delete(tree.blob));
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      return reading;
    },
  };
}

async function read(
  { blob, tree }: KnownTree,
  blobs: Pick<Blobs, 'open'>,
): Promise<readonly TreeFile[]> {
  const payload = await blobs.open(blob, 0);
  return treeLines(payload.read(), tree);
}
