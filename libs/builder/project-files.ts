import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { ArchiveEntry } from '#bundle';
import { GofleetError } from '#errors';
import { readFileChunks } from './goroot.ts';
import { run, type RunOptions } from './run.ts';

/** The source of a project, below `top/`: what git tracks or would track; without git the whole folder. */
export async function projectFiles(
  folder: string,
  top: string,
  options: Omit<RunOptions, 'cwd'>,
): Promise<ArchiveEntry[]> {
  const names = (await gitFiles(folder, options)) ?? (await allFiles(folder, ''));
  const entries: ArchiveEntry[] = [];
  for (const name of names) entries.push(...(await entryOf(folder, name, top)));
  return entries;
}

/** undefined where the project is not in git, or lies in a folder that git ignores. */
async function gitFiles(
  folder: string,
  options: Omit<RunOptions, 'cwd'>,
): Promise<string[] | undefined> {
  if (!(await isBelowGit(folder))) return undefined;
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { code, stdout, stderr } = await run('git', args, { ...options, cwd: folder });
  if (code !== 0) throw gitFailed(folder, stderr);
  const names = stdout.split('\0').filter(Boolean);
  return names.includes('go.mod') ? names : undefined;
}

async function isBelowGit(folder: string): Promise<boolean> {
  if (await lstat(join(folder, '.git')).catch(() => undefined)) return true;
  const parent = dirname(folder);
  return parent !== folder && isBelowGit(parent);
}

async function allFiles(folder: string, below: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (entry.name === '.git') continue;
    const path = join(below, entry.name);
    if (entry.isDirectory()) names.push(...(await allFiles(folder, path)));
    else names.push(path);
  }
  return names;
}

/** Nothing for a file that git tracks and somebody deleted. */
async function entryOf(folder: string, name: string, top: string): Promise<ArchiveEntry[]> {
  const from = join(folder, name);
  const path = `${top}/${name}`;
  const found = await lstat(from).catch(() => undefined);
  if (!found) return [];
  if (found.isSymbolicLink())
    return [{ path, kind: 'link', target: insideOnly(name, await readlink(from)) }];
  if (!found.isFile()) throw notAFile(from);
  const { size } = found;
  const executable = (found.mode & 0o100) !== 0;
  return [{ path, kind: 'file', executable, size, read: () => readFileChunks(from, size) }];
}

/** A link that leads out of the project would lead elsewhere on every host. */
function insideOnly(name: string, target: string): string {
  const to = normalize(join(dirname(name), target));
  if (!target.startsWith('/') && to !== '..' && !to.startsWith('../')) return target;
  throw new GofleetError(
    'path_not_allowed',
    `${name} is a link to ${target}, outside the project`,
    {
      remedy: 'Put the file into the project, or let git ignore the link.',
    },
  );
}

function notAFile(path: string): GofleetError {
  return new GofleetError('not_supported_yet', `${path} is neither a file nor a link`, {
    remedy: 'Let git ignore it; git submodules are not supported by this release.',
  });
}

function gitFailed(folder: string, stderr: string): GofleetError {
  return new GofleetError('usage', `git cannot list the files of ${folder}: ${stderr.trim()}`, {
    remedy: 'Make `git ls-files` work there, so that what git ignores stays out of the bundle.',
  });
}
