import { createHash } from 'node:crypto';

/** A file or a symbolic link of an archive; folders follow from the paths. */
export type ArchiveEntry = { path: string } & (
  | { kind: 'file'; executable: boolean; size: number; read(): AsyncIterable<Uint8Array> }
  | { kind: 'link'; target: string }
);

/** What one entry adds to the digest of a tree. */
export interface TreeLine {
  path: string;
  /** `0755`, `0644`, or `link`, whose content is its target. */
  mode: '0755' | '0644' | 'link';
  sha256: string;
}

/** One SHA-256 over the lines `mode sha256  path`, sorted by the bytes of the path: the same however a tree was carried. */
export function treeDigest(lines: readonly TreeLine[]): string {
  const hash = createHash('sha256');
  const sorted = [...lines].sort((a, b) => compareBytes(a.path, b.path));
  for (const { mode, sha256, path } of sorted) hash.update(`${mode} ${sha256}  ${path}\n`);
  return hash.digest('hex');
}

export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
