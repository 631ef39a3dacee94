import { createHash } from 'node:crypto';
import type { ArchiveEntry } from '#bundle';
import { hash1, type HashedFile, type ModuleVersion } from '#gomod';
import type { Wanted } from './source.ts';

/** The toolchain as a module (https://go.dev/doc/toolchain#select): what the checksum database knows it by. */
export function toolchainModule({ version, os, arch }: Wanted): ModuleVersion {
  return { path: 'golang.org/toolchain', version: `v0.0.1-go${version}.${os}-${arch}` };
}

/** What every name in the zip of that module begins with, and a slash. */
export function toolchainPrefix(wanted: Wanted): string {
  const { path, version } = toolchainModule(wanted);
  return `${path}@${version}`;
}

/** Entries of a GOROOT that are hashed while they are read, and the h1 of their module once all were. */
export interface Summed {
  entries: ArchiveEntry[];
  h1: () => string;
}

/**
 * The h1 that Go's module of this toolchain has, if the GOROOT is the one that was released: its files are those of the
 * archive without what the module leaves out, each `go.mod` as `_go.mod` (src/cmd/distpack/pack.go).
 */
export function summed(entries: readonly ArchiveEntry[], wanted: Wanted): Summed {
  const prefix = toolchainPrefix(wanted);
  const files: HashedFile[] = [];
  const nameOf = (path: string): string =>
    path.replace(/^go\//, `${prefix}/`).replace(/(^|\/)go\.mod$/, '$1_go.mod');
  const watched = entries.map((entry): ArchiveEntry => {
    if (entry.kind === 'link') return entry;
    const read = (): AsyncIterable<Uint8Array> =>
      hashing(entry.read(), (sha256) => files.push({ name: nameOf(entry.path), sha256 }));
    return { ...entry, read };
  });
  return { entries: watched, h1: () => hash1(files) };
}

async function* hashing(
  chunks: AsyncIterable<Uint8Array>,
  done: (sha256: string) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  done(hash.digest('hex'));
}
