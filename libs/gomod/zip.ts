import type { Readable } from 'node:stream';
import { GofleetError } from '#errors';
import { openPromise } from 'yauzl';

/** A file in a zip; it can be opened as long as the loop over the zip goes on. */
export interface ZipEntry {
  name: string;
  /** Bytes when unpacked, as the zip's directory says; reading more or fewer is an error. */
  size: number;
  open(): Promise<Readable>;
}

/** The most that a module may unpack to: go itself takes 500 MiB (golang.org/x/mod/zip). */
const MOST_BYTES = 1024 ** 3;

/** Every file of a zip, in the order of its directory. Throws `bundle_invalid` for what is no sound zip. */
export async function* readZip(path: string): AsyncGenerator<ZipEntry> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(
    (error: unknown) => {
      throw unsound(path, error instanceof Error ? error.message : String(error));
    },
  );
  let total = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      total += entry.uncompressedSize;
      if (total > MOST_BYTES) throw unsound(path, 'it unpacks to more than 1 GiB');
      if (entry.fileName.includes('\n')) throw unsound(path, 'a name has a line break');
      yield {
        name: entry.fileName,
        size: entry.uncompressedSize,
        open: async () => zip.openReadStreamPromise(entry),
      };
    }
  } finally {
    zip.close();
  }
}

function unsound(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path} is no sound zip: ${why}`, {
    remedy: 'Fetch the module again; if it stays so, the proxy has a damaged copy.',
  });
}
