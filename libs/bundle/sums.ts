import type { CarriedFile } from './carried.ts';
import { compareBytes } from './archive/tree.ts';

/** SHA256SUMS, so that `sha256sum -c SHA256SUMS` checks a bundle with no tool of ours. */
export function sumsOf(files: readonly CarriedFile[], digest: string): string {
  const lines = files.map(({ sha256, path }) => `${sha256}  ${path}\n`).sort(compareBytes);
  return [`${digest}  manifest.json\n`, ...lines].join('');
}
