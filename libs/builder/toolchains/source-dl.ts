import { text } from 'node:stream/consumers';
import { GofleetError, isGofleetError } from '#errors';
import type { Build } from '../build.ts';
import { archiveArch, archiveName, parseDlIndex } from './dl-index.ts';
import { download, persistently } from '../download.ts';
import {
  named,
  unavailable,
  type FoundGoroot,
  type ToolchainSource,
  type Wanted,
} from './source.ts';
import { unpackArchive } from './unpack.ts';

/** The published archive, resumed where an earlier download broke off, and checked against its published SHA-256. */
export const dl: ToolchainSource = {
  name: 'dl',
  offer: async (wanted, build) => ({ inputs: [], unpack: () => unpack(wanted, build) }),
};

async function unpack(wanted: Wanted, build: Build): Promise<FoundGoroot> {
  const file = await findArchive(wanted, build);
  const source = async (offset: number): Promise<AsyncIterable<Uint8Array>> => {
    const url = new URL(file.filename, build.dlUrl).href;
    const body = await download(url, { offset, signal: build.signal });
    if (!body) throw unavailable(`${url} is in the index and not there`);
    return watched(body, offset, file.size, wanted, build);
  };
  const fetching = persistently(() => build.bench.blobs.fetch(file, source), {
    reached: async () => (await build.bench.blobs.offset(file.sha256)) ?? 0,
    signal: build.signal,
  });
  const blob = await fetching.catch((error: unknown) => {
    throw isGofleetError(error, 'blob_mismatch') ? forged(file.filename, error) : error;
  });
  const folder = await unpackArchive(blob.path, await build.bench.scratch('archive'));
  return { folder, published: true, released: true };
}

async function findArchive(
  wanted: Wanted,
  build: Build,
): Promise<{ filename: string; sha256: string; size: number }> {
  const url = new URL('?mode=json&include=all', build.dlUrl).href;
  const body = await download(url, { signal: build.signal });
  const index = body && parseDlIndex(await text(body));
  if (!index) throw unavailable(`${url} answers no index of Go releases`, true);
  const release = index.find(({ version }) => version === `go${wanted.version}`);
  if (!release) throw unavailable(`there is no go${wanted.version} in ${build.dlUrl}`);
  const file = release.files.find(
    ({ os, arch, kind, filename }) =>
      kind === 'archive' &&
      os === wanted.os &&
      arch === archiveArch(wanted) &&
      filename === archiveName(wanted),
  );
  if (!file)
    throw unavailable(`go${wanted.version} is not published for ${wanted.os}/${wanted.arch}`);
  if (!/^[0-9a-f]{64}$/.test(file.sha256))
    throw unavailable(`${file.filename} has no published SHA-256`);
  return file;
}

function forged(filename: string, cause: unknown): GofleetError {
  return new GofleetError('bundle_invalid', `${filename} has not its published SHA-256`, {
    remedy: 'Build again; if it stays so, ask who stands between this machine and go.dev.',
    cause,
  });
}

async function* watched(
  body: AsyncIterable<Uint8Array>,
  offset: number,
  total: number,
  wanted: Wanted,
  build: Build,
): AsyncGenerator<Uint8Array> {
  let done = offset;
  for await (const chunk of body) {
    yield chunk;
    done += chunk.byteLength;
    build.progress({ step: 'download', message: `go ${named(wanted)}`, done, total });
  }
}
