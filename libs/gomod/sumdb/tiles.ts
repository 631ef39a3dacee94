import type { Subtree } from './tree.ts';

/** Levels of the tree in one tile; go asks for no other. */
const HEIGHT = 8;
/** Hashes in a full tile. */
export const FULL = 2 ** HEIGHT;
const HASH = 32;

/** `width` hashes of the subtrees of level 8 * `level`, from number `n` * 256 on. */
export interface Tile {
  level: number;
  n: number;
  width: number;
}

/** The tile of a log of so many records that a subtree's hash is in or follows from. */
export function tileOf({ level, n }: Subtree, size: number): Tile {
  const height = Math.floor(level / HEIGHT);
  return tileAt(height, Math.floor((n * 2 ** (level % HEIGHT)) / FULL), size);
}

/** The tile that has the hash of a full one. */
export function parentOf({ level, n }: Tile, size: number): Tile {
  return tileAt(level + 1, Math.floor(n / FULL), size);
}

/** The subtree that a full tile spans. */
export function spanOf({ level, n }: Tile): Subtree {
  return { level: (level + 1) * HEIGHT, n };
}

/** Where the hashes lie in a tile that a subtree's hash follows from. */
export function hashesIn({ level, n }: Subtree, tile: Tile, bytes: Buffer): Buffer {
  const count = 2 ** (level % HEIGHT);
  const first = n * count - tile.n * FULL;
  return bytes.subarray(first * HASH, (first + count) * HASH);
}

/** Bytes of a tile. */
export function bytesOf({ width }: Tile): number {
  return width * HASH;
}

/** `tile/8/LEVEL/x123/456`, with `.p/WIDTH` where it is not full (https://go.dev/design/25530-sumdb). */
export function tilePath({ level, n, width }: Tile): string {
  const digits = String(n);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const folders = groups.slice(0, -1).map((group) => `x${group}/`);
  const partial = width === FULL ? '' : `.p/${width}`;
  return `tile/${HEIGHT}/${level}/${folders.join('')}${groups.at(-1) ?? ''}${partial}`;
}

/**
 * All tiles of a log, and those of each smaller one that are not full by now: whoever reads a smaller one from them
 * takes full tiles in their place.
 */
export function tilesOf(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; size >= FULL ** level; level++)
    for (let n = 0; n * FULL < Math.floor(size / FULL ** level); n++)
      tiles.push(...smaller(tileAt(level, n, size)));
  return tiles;
}

function smaller(tile: Tile): Tile[] {
  if (tile.width === FULL) return [tile];
  return Array.from({ length: tile.width }, (_, index) => ({ ...tile, width: index + 1 }));
}

function tileAt(level: number, n: number, size: number): Tile {
  const hashes = Math.floor(size / FULL ** level);
  return { level, n, width: Math.min(FULL, hashes - n * FULL) };
}
