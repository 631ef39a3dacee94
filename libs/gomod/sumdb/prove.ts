import { GofleetError } from '#errors';
import { databaseFault } from './fault.ts';
import type { TreeHead } from './head.ts';
import { bytesOf, FULL, hashesIn, parentOf, spanOf, tileOf, tilePath, type Tile } from './tiles.ts';
import { foldHashes, recordHash, rootHash, subtreesOf, type Subtree } from './tree.ts';

/** Reads a file below the database: `latest`, `lookup/…`, `tile/8/…`; undefined where there is none. */
export type ReadDatabase = (path: string) => Promise<Buffer | undefined>;

/** Tiles by path, as a log of the head's size has them: each has been proven by the head. */
export type ProvenTiles = Map<string, Buffer>;

/**
 * Proves that records are in the log of a head, each with its own text and number. Answers all tiles that this takes:
 * with them, and no others, everybody can prove it again. Throws `checksum_database_invalid`.
 */
export async function proveRecords(
  head: TreeHead,
  records: readonly { id: number; text: string }[],
  read: ReadDatabase,
): Promise<ProvenTiles> {
  const beyond = records.find(({ id }) => id >= head.size);
  if (beyond) throw databaseFault(`record ${beyond.id} is not in a log of ${head.size} records`);
  const leaves = records.map(({ id }) => ({ level: 0, n: id }));
  const { hashes, tiles } = await readHashes(head, leaves, read);
  const wrong = records.find(({ text }, index) => !hashes[index]?.equals(recordHash(text)));
  if (wrong)
    throw databaseFault(
      `record ${wrong.id} is not what the log has there: ${wrong.text.trim().replaceAll('\n', '; ')}`,
    );
  return tiles;
}

/**
 * Proves that the log of one head goes on from that of an older one, as `proveRecords` does; the tiles prove the older
 * head by itself too, which go asks for first (Client.mergeLatest). Answers undefined where it does not go on: the
 * database has shown two histories.
 */
export async function proveGrowth(
  older: TreeHead,
  newer: TreeHead,
  read: ReadDatabase,
): Promise<ProvenTiles | undefined> {
  const edge = subtreesOf(older.size);
  const { hashes, tiles } = await readHashes(newer, edge, read);
  if (!rootHash(hashes).equals(older.root)) return undefined;
  for (const subtree of edge) {
    const now = tileOf(subtree, newer.size);
    const then = tileOf(subtree, older.size);
    const bytes = tiles.get(tilePath(now)) ?? NONE;
    if (now.width < FULL) tiles.set(tilePath(then), bytes.subarray(0, bytesOf(then)));
  }
  return tiles;
}

const NONE = Buffer.alloc(0);

interface ProvenHashes {
  hashes: Buffer[];
  tiles: ProvenTiles;
}

async function readHashes(
  head: TreeHead,
  wanted: readonly Subtree[],
  read: ReadDatabase,
): Promise<ProvenHashes> {
  if (head.size === 0) return { hashes: [], tiles: new Map() };
  const plan = planTiles(head.size, wanted);
  const fetched = await Promise.all([...plan].map(async (each) => fetchTile(each, read)));
  const tiles = new Map(fetched);
  const hashOf = (subtree: Subtree): Buffer => {
    const tile = tileOf(subtree, head.size);
    return foldHashes(hashesIn(subtree, tile, tiles.get(tilePath(tile)) ?? NONE));
  };
  if (!rootHash(subtreesOf(head.size).map(hashOf)).equals(head.root))
    throw databaseFault(`the tiles of a log of ${head.size} records do not give its signed hash`);
  for (const [path, tile] of plan)
    if (tile.width === FULL && !foldHashes(tiles.get(path) ?? NONE).equals(hashOf(spanOf(tile))))
      throw databaseFault(`${path} is not what the log of ${head.size} records has there`);
  return { hashes: wanted.map(hashOf), tiles };
}

/** The tiles at the right edge, which give the hash of the whole, and the way down from them to each subtree. */
function planTiles(size: number, wanted: readonly Subtree[]): Map<string, Tile> {
  const plan = new Map<string, Tile>();
  for (const subtree of [...subtreesOf(size), ...wanted])
    for (let tile = tileOf(subtree, size); ; tile = parentOf(tile, size)) {
      const path = tilePath(tile);
      if (plan.has(path)) break;
      plan.set(path, tile);
      if (tile.width < FULL) break;
    }
  return plan;
}

/** A tile that is full by now may be there in full alone. */
async function fetchTile(
  [path, tile]: [string, Tile],
  read: ReadDatabase,
): Promise<[string, Buffer]> {
  const full = tilePath({ ...tile, width: FULL });
  const bytes = (await read(path)) ?? (full === path ? undefined : await read(full));
  if (!bytes) throw noTile(path);
  const size = bytesOf(tile);
  if (bytes.length !== size && bytes.length !== FULL * 32)
    throw databaseFault(`${path} has ${bytes.length} bytes and not ${size}`);
  return [path, bytes.subarray(0, size)];
}

function noTile(path: string): GofleetError {
  return new GofleetError('source_unavailable', `the checksum database has no ${path}`, {
    remedy: 'Try again later, or read the database through another proxy.',
    retryable: true,
  });
}
