import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import type { Listed } from './types.ts';

const MANY_LINKS = 40;

/**
 * Lists all at and below `paths` of the file system at `root`. Links in a path itself are followed, as
 * the host would follow them; links below are listed. A path that is not there lists nothing.
 */
export async function listTree(root: string, paths: string[], content = true): Promise<Listed[]> {
  const few = pLimit(8);
  const found: Listed[] = [];
  const hashes: Promise<void>[] = [];

  async function walk(path: string, real: string): Promise<void> {
    const stats = await lstat(real).catch(() => undefined);
    if (!stats) return;
    const listed = await describe(path, real, stats);
    found.push(listed);
    if (listed.type === 'file' && content) hashes.push(few(() => hash(real, listed)));
    if (listed.type !== 'folder') return;
    for (const name of await readdir(real)) await walk(join(path, name), join(real, name));
  }

  for (const path of paths) {
    const real = await followParents(root, path);
    if (real !== undefined) await walk(path, real);
  }
  await Promise.all(hashes);
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function describe(path: string, real: string, stats: Stats): Promise<Listed> {
  const type = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'folder'
      : stats.isSymbolicLink()
        ? 'link'
        : 'other';
  return {
    path,
    type,
    mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
    owner: `${stats.uid}:${stats.gid}`,
    ...(type === 'link' && { target: await readlink(real) }),
  };
}

async function hash(real: string, listed: Listed): Promise<void> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(real), digest);
  listed.sha256 = digest.digest('hex');
}

/**
 * The place of `path` below `root`, with links followed as inside it, the last part's only where the
 * path ends in `/`.
 */
async function followParents(root: string, path: string): Promise<string | undefined> {
  const followLast = path.endsWith('/');
  const rest = path.split('/').filter(Boolean);
  const walked: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const part = rest.shift() ?? '';
    if (part === '.') continue;
    if (part === '..') {
      walked.pop();
      continue;
    }
    const here = join(root, ...walked, part);
    const stats = await lstat(here).catch(() => undefined);
    if (!stats) return undefined;
    if (!stats.isSymbolicLink() || (rest.length === 0 && !followLast)) {
      walked.push(part);
      continue;
    }
    if ((links += 1) > MANY_LINKS) return undefined;
    const target = await readlink(here);
    if (target.startsWith('/')) walked.length = 0;
    rest.unshift(...target.split('/').filter(Boolean));
  }
  return join(root, ...walked);
}
