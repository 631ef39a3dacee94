import type { BundleFiles } from '../open-bundle.ts';
import { blobPath, type Manifest } from '../schema.ts';
import { checkArchive, type ArchiveTask } from './check-archive.ts';
import { inThreads } from '#threads';

/** What is wrong inside of an archive. */
export interface ArchiveFault {
  /** The path of the blob in the bundle. */
  path: string;
  message: string;
}

/**
 * Unpacks archives on all cores, to nowhere, and compares all that is in them with the manifest: trees, sizes, modules
 * with their hashes, the checksum database. `blobs` says which; those that are not good need not be asked about.
 */
export async function checkArchives(
  files: BundleFiles,
  manifest: Manifest,
  blobs: ReadonlySet<string>,
  seen?: (bytes: number) => void,
): Promise<ArchiveFault[]> {
  const tasks = archivesOf(manifest).filter(({ blob }) => blobs.has(blob));
  const orders = tasks.map(({ blob, task }) => ({ ...task, ...files.place(blobPath(blob)) }));
  const found = await checkAll(orders, seen);
  return tasks.flatMap(({ blob }, index) =>
    (found[index] ?? []).map((message) => ({ path: blobPath(blob), message })),
  );
}

/** Unpacked sooner than a thread has started. */
const FEW_BYTES = 1 << 20;

async function checkAll(
  orders: readonly ArchiveTask[],
  seen: (bytes: number) => void = () => {},
): Promise<string[][]> {
  const total = orders.reduce((sum, { size }) => sum + size, 0);
  if (total <= FEW_BYTES) return Promise.all(orders.map((order) => checkArchive(order, seen)));
  return inThreads<ArchiveTask, string[]>(new URL('archive-thread', import.meta.url), orders, seen);
}

interface Archived {
  blob: string;
  task: Omit<ArchiveTask, 'path' | 'offset' | 'size'>;
}

/** Every archive that the manifest describes; one blob may be described more than once. */
function archivesOf({ toolchains, packs }: Manifest): Archived[] {
  return [
    ...toolchains.map((each) => {
      const { versionText } = each;
      return archived(each, 'go', { kind: 'toolchain' as const, versionText });
    }),
    ...packs.map((each) => {
      const { modules, sumdb } = each;
      return archived(each, 'modules', { kind: 'pack' as const, pack: { modules, sumdb } });
    }),
    ...packs.flatMap(({ projects }) =>
      projects.map((each) => archived(each, each.name, { kind: 'project' as const })),
    ),
  ];
}

function archived(
  each: { blob: string; unpackedBytes: number; entries: number; tree: string },
  top: string,
  inside: ArchiveTask['inside'],
): Archived {
  const { blob, unpackedBytes, entries, tree } = each;
  return { blob, task: { top, unpackedBytes, entries, tree, inside } };
}
