import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import { checkValue } from '#document';
import { GofleetError } from '#errors';
import type { OpenBundle } from '../open-bundle.ts';
import { blobPath, type Pack } from '../schema.ts';
import { Graphs } from './schema.ts';

/** Far more than the graphs of the largest projects: 100 MB of JSON. */
const MOST_BYTES = 100_000_000;

/** The graphs as the bytes of a blob: the same graphs give the same bytes. */
export function graphsBlob(graphs: Graphs): Buffer {
  return gzipSync(JSON.stringify(Graphs.parse(graphs)), { level: 9 });
}

/** The graphs that a bundle carries for a pack, hashed; null where it has none. Throws `bundle_invalid`, `invalid_file`. */
export async function readGraphs(bundle: OpenBundle, pack: Pack): Promise<Graphs | null> {
  if (pack.graphs === null) return null;
  const { blob, size } = pack.graphs;
  const place = `the graphs of the pack ${pack.name}`;
  if (size > MOST_BYTES) throw unsound(place, 'they are larger than 100 MB');
  const bytes = await buffer(bundle.read(blob));
  if (createHash('sha256').update(bytes).digest('hex') !== blob)
    throw unsound(place, 'they are not what the manifest says');
  return readGraphsBlob(bytes, place);
}

/**
 * The graphs of every pack that has some, by its name; those that a differential bundle leaves to the other side are left
 * out. Throws as `readGraphs` does.
 */
export async function readAllGraphs(bundle: OpenBundle): Promise<Map<string, Graphs>> {
  const found = new Map<string, Graphs>();
  for (const pack of bundle.manifest.packs) {
    const graphs = isCarried(bundle, pack) ? await readGraphs(bundle, pack) : null;
    if (graphs) found.set(pack.name, graphs);
  }
  return found;
}

function isCarried({ differential, files }: OpenBundle, { graphs }: Pack): boolean {
  return graphs === null || !differential || files.sizes.has(blobPath(graphs.blob));
}

/** The other way round of `graphsBlob`, for bytes whose hash was checked; `place` names them in errors. */
export async function readGraphsBlob(bytes: Uint8Array, place: string): Promise<Graphs> {
  const text = await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES }).catch(
    (error: unknown) => {
      throw unsound(place, error instanceof Error ? error.message : String(error));
    },
  );
  return checkValue(jsonOf(text.toString('utf8'), place), Graphs, { name: place });
}

function jsonOf(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unsound(place, error instanceof Error ? error.message : String(error));
  }
}

function unsound(place: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${place} cannot be read: ${why}`, {
    remedy: 'See what `gofleet bundle verify` says, and bring the bundle anew.',
  });
}
