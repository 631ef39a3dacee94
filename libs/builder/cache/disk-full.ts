import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GofleetError, isGofleetError } from '#errors';
import { formatBytes } from '#units';

/** Says `disk_full`, and where, whatever it was that found no room: files of ours, the store, go, git. */
export async function namingFullDisk<T>(
  places: readonly string[],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isFull(error) ? await diskFull(places, error) : error;
  }
}

/** A disk without room, or one on which this user may have no more. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error) || isGofleetError(error, 'disk_full')) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  const said = isGofleetError(error) ? JSON.stringify(error.details['said'] ?? '') : '';
  if (/no space left on device|disk quota exceeded/i.test(error.message + said)) return true;
  return isFull(error.cause);
}

async function diskFull(places: readonly string[], cause: unknown): Promise<GofleetError> {
  const free = await Promise.all(places.map(freeAt));
  const least = Math.min(...free.map(({ bytes }) => bytes));
  const { place = '', bytes = 0 } = free.find((each) => each.bytes === least) ?? {};
  return new GofleetError(
    'disk_full',
    `the disk of ${place} is full (${formatBytes(bytes)} free)`,
    {
      remedy:
        'Free space there, or name another place (-o, --cache, TMPDIR), and build again: what was fetched is kept.',
      cause,
    },
  );
}

/** Of the nearest folder above it that is there. */
async function freeAt(place: string): Promise<{ place: string; bytes: number }> {
  const found = await statfs(place).catch(() => undefined);
  if (found) return { place, bytes: found.bavail * found.bsize };
  return dirname(place) === place ? { place, bytes: Infinity } : freeAt(dirname(place));
}
