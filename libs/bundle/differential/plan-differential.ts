import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Manifest } from '../schema.ts';
import { partsOf } from './parts.ts';
import { planner, type PlannedRun } from './plan-runs.ts';
import type { KeptDifferential } from './read-differential.ts';
import type { ComposedBlob, Differential, Have, Run } from './schema.ts';

/**
 * Says how a bundle becomes whole on a side that has these blobs; `pathOf` names where its own lie. The small ones that
 * commands read to show what is in a bundle are carried always.
 */
export async function planDifferential(
  { blobs, packs }: Pick<Manifest, 'blobs' | 'packs'>,
  bundle: string,
  have: Have,
  pathOf: (sha256: string) => string,
): Promise<KeptDifferential> {
  const there = new Map(
    have.blobs.map(({ sha256, size, bundle: name }) => [sha256, { sha256, size, bundle: name }]),
  );
  const shown = new Set(packs.flatMap(({ graphs }) => graphs?.blob ?? []));
  const plan = planner(have);
  const needs: string[] = [];
  const composed: ComposedBlob[] = [];
  for (const { sha256, size } of blobs) {
    if (shown.has(sha256)) continue;
    if (there.has(sha256)) numberOf(sha256, needs);
    else {
      const runs = plan(await partsOf(bytesOf(pathOf(sha256))), size)?.map(numbered(needs));
      if (runs) composed.push({ sha256, size, parts: await fileOf(runs, pathOf(sha256)), runs });
    }
  }
  const differential: Differential = {
    schema: 1,
    bundle,
    needs: needs.flatMap((sha256) => there.get(sha256) ?? []),
    composed,
  };
  return { ...differential, text: `${JSON.stringify(differential)}\n` };
}

function numberOf(sha256: string, needs: string[]): number {
  const known = needs.indexOf(sha256);
  return known === -1 ? needs.push(sha256) - 1 : known;
}

function numbered(needs: string[]): (run: PlannedRun) => Run {
  return (run) => {
    if ('here' in run) return run;
    return { of: numberOf(run.blob, needs), at: run.at, size: run.size };
  };
}

async function fileOf(runs: readonly Run[], path: string): Promise<ComposedBlob['parts']> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of carriedBytes(runs, path)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return size === 0 ? null : { sha256: hash.digest('hex'), size };
}

/** What `parts/SHA256` holds: the bytes of the blob in this file that the other side lacks. */
export function carriedBytes(runs: readonly Run[], path: string): Readable {
  return Readable.from(lacking(runs, path), { objectMode: false });
}

async function* lacking(runs: readonly Run[], path: string): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const run of runs) {
    const size = 'here' in run ? run.here : run.size;
    if ('here' in run) yield* bytesOf(path, { start: at, end: at + size - 1 });
    at += size;
  }
}

async function* bytesOf(
  path: string,
  range: { start?: number; end?: number } = {},
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { ...range, highWaterMark: 1 << 20 })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a file is read as bytes');
    yield chunk;
  }
}
