import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentSink } from './contents.ts';

/** A folder for files that are too large for memory, made when the first one comes. */
export interface Scratch extends Disposable {
  /** Writes a file, hands it over and removes it. */
  sink(use: (path: string) => void | Promise<void>): ContentSink;
}

/** For a thread of its own: it waits for the disk where it stands. */
export function openScratch(): Scratch {
  let folder: string | undefined;
  return {
    sink: (use) => {
      folder ??= mkdtempSync(join(tmpdir(), 'gofleet-verify-'));
      const path = join(folder, 'file');
      const file = openSync(path, 'w', 0o600);
      return {
        write: (chunk) => {
          for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
        },
        end: async () => {
          closeSync(file);
          await use(path);
          rmSync(path);
        },
      };
    },
    [Symbol.dispose]: () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
