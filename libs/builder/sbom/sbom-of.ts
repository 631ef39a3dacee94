import { readFile } from 'node:fs/promises';
import { readGraphsBlob, type Graphs } from '#bundle';
import { makeSbom, type SbomSource } from './make-sbom.ts';

/** The bill of materials of what is about to be written, with the graphs from its blobs. */
export async function sbomOf(
  content: Omit<SbomSource, 'graphs'>,
  pathOf: (sha256: string) => string,
): Promise<string> {
  const graphs = new Map<string, Graphs>();
  for (const { name, graphs: kept } of content.packs)
    if (kept) {
      const bytes = await readFile(pathOf(kept.blob));
      graphs.set(name, await readGraphsBlob(bytes, `the graphs of the pack ${name}`));
    }
  return makeSbom({ ...content, graphs });
}
