import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { x as extract } from 'tar';
import { GofleetError, isGofleetError } from '#errors';
import { z } from 'zod';
import type { Build } from './build.ts';
import { download } from './download.ts';
import { named, unavailable, type FoundGoroot, type Wanted } from './source.ts';

/** The index of https://go.dev/dl/?mode=json&include=all; its shape is that of golang.org/x/website/internal/dl. */
const Index = z.array(
  z.object({
    version: z.string(),
    files: z.array(
      z.object({
        filename: z.string(),
        os: z.string(),
        arch: z.string(),
        sha256: z.string(),
        size: z.int(),
        kind: z.string(),
      }),
    ),
  }),
);

/** The published archive, resumed where an earlier download broke off, and checked against its published SHA-256. */
export async function fromDl(wanted: Wanted, build: Build): Promise<FoundGoroot> {
  const file = await findArchive(wanted, build);
  const source = async (offset: number): Promise<AsyncIterable<Uint8Array>> => {
    const url = new URL(file.filename, build.dlUrl).href;
    const body = await download(url, { offset, signal: build.signal });
    if (!body) throw unavailable(`${url} is in the index and not there`);
    return watched(body, offset, file.size, wanted, build);
  };
  const blob = await build.bench.blobs.fetch(file, source).catch((error: unknown) => {
    throw isGofleetError(error, 'blob_mismatch') ? forged(file.filename, error) : error;
  });
  const cwd = await build.bench.scratch('archive');
  await extract({ file: blob.path, cwd, strict: true, preserveOwner: false });
  return { folder: join(cwd, 'go'), verified: 'published-sha256', h1: null };
}

async function findArchive(
  wanted: Wanted,
  build: Build,
): Promise<{ filename: string; sha256: string; size: number }> {
  const url = new URL('?mode=json&include=all', build.dlUrl).href;
  const body = await download(url, { signal: build.signal });
  const index = Index.safeParse(body && parse(await text(body)));
  if (!index.success) throw unavailable(`${url} answers no index of Go releases`, true);
  const release = index.data.find(({ version }) => version === `go${wanted.version}`);
  if (!release) throw unavailable(`there is no go${wanted.version} in ${build.dlUrl}`);
  const file = release.files.find(
    ({ os, arch, kind, filename }) =>
      kind === 'archive' &&
      os === wanted.os &&
      arch === archOf(wanted) &&
      /^[\w.-]+\.tar\.gz$/.test(filename),
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

/** 32-bit ARM is called armv6l in archives and arm everywhere else. */
function archOf({ arch }: Wanted): string {
  return arch === 'arm' ? 'armv6l' : arch;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
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
