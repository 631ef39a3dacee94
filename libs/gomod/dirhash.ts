import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readZip } from './zip.ts';

/** A file of a module: its name with `module@version/` in front, and the SHA-256 of its bytes in hex. */
export interface HashedFile {
  name: string;
  sha256: string;
}

/** dirhash.Hash1 of golang.org/x/mod: SHA-256 over one line a file, sorted by bytes. */
export function hash1(files: readonly HashedFile[]): string {
  const lines = files
    .map(({ name, sha256 }) => Buffer.from(`${sha256}  ${name}\n`))
    .sort((a, b) => Buffer.compare(a.subarray(66), b.subarray(66)));
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line);
  return `h1:${hash.digest('base64')}`;
}

/** The h1 of a module zip, as in its line of go.sum. */
export async function hashZip(path: string): Promise<string> {
  const files: HashedFile[] = [];
  for await (const entry of readZip(path)) {
    const hash = createHash('sha256');
    for await (const chunk of entry.chunks()) hash.update(chunk);
    files.push({ name: entry.name, sha256: hash.digest('hex') });
  }
  return hash1(files);
}

/** The h1 of a go.mod, as in its `/go.mod` line of go.sum. */
export async function hashGoMod(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash1([{ name: 'go.mod', sha256: hash.digest('hex') }]);
}
