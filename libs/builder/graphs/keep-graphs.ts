import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { graphsBlob, type Pack, type ProjectGraph } from '#bundle';
import type { Workbench } from '../cache/workbench.ts';
import type { GraphPlatform } from './read-graph.ts';

/** Puts the graphs of a pack's projects into a blob; a pack without projects has none. */
export async function keepGraphs(
  projects: readonly ProjectGraph[],
  { os, arch }: GraphPlatform,
  bench: Workbench,
): Promise<Pack['graphs']> {
  if (projects.length === 0) return null;
  const bytes = graphsBlob({ schema: 1, platform: `${os}/${arch}`, projects: [...projects] });
  const blob = createHash('sha256').update(bytes).digest('hex');
  const place = join(await bench.scratch('graphs'), 'blob');
  await writeFile(place, bytes, { flush: true });
  await bench.blobs.adopt(place, blob);
  return { blob, size: bytes.length };
}
