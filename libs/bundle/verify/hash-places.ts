import type { FilePlace } from '../open-bundle.ts';
import { hashPlace, type PlaceHash } from './hash-place.ts';
import { inThreads } from '#threads';

/** Hashed sooner than a thread has started. */
const FEW_BYTES = 16 << 20;

/** Hashes bytes of files on all cores, in constant memory. Answers in their order. */
export async function hashPlaces(
  places: readonly FilePlace[],
  seen: (bytes: number) => void = () => {},
): Promise<PlaceHash[]> {
  const total = places.reduce((sum, { size }) => sum + size, 0);
  if (total <= FEW_BYTES) return places.map((place) => hashPlace(place, seen));
  return inThreads<FilePlace, PlaceHash>(new URL('hash-thread', import.meta.url), places, seen);
}
