import { compareBytes } from './tree.ts';
import type { Manifest } from './schema.ts';

/** SHA256SUMS, so that `sha256sum -c SHA256SUMS` checks a bundle with no tool of ours. */
export function sumsOf({ blobs }: Pick<Manifest, 'blobs'>, digest: string): string {
  const lines = blobs.map(({ sha256, path }) => `${sha256}  ${path}\n`).sort(compareBytes);
  return [`${digest}  manifest.json\n`, ...lines].join('');
}
