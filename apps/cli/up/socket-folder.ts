import { createHash } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';

/** A path of a unix socket has at most 107 bytes; the rest is for the name of the socket. */
const LONGEST = 90;

/** A private folder with a short path for the socket of redis-server; always the same for a data folder. */
export async function makeSocketFolder(data: string): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 12);
  const folder = join(await shortPlace(), `gofleet-${uid}-${hash}`);
  await mkdir(folder, { mode: 0o700 }).catch(unlessThere);
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return folder;
  throw new GofleetError('usage', `${folder} is not a folder of this user alone`, {
    remedy: 'Somebody else made it: remove it, or set XDG_RUNTIME_DIR to a folder of your own.',
  });
}

export async function removeSocketFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function shortPlace(): Promise<string> {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (!runtime?.startsWith('/') || Buffer.byteLength(runtime) > LONGEST - 40) return '/tmp';
  const found = await lstat(runtime).catch(() => undefined);
  return found?.isDirectory() && found.uid === process.getuid?.() ? runtime : '/tmp';
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
