import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { ArchiveEntry } from '#bundle';
import { GofleetError } from '#errors';
import { readFileChunks } from '../toolchains/goroot.ts';
import { run, type RunOptions } from '../run.ts';

/** Files that are looked at together. */
const AT_ONCE = 100;

/** The source of a project, below `top/`: what git tracks or would track, submodules too; without git the whole folder. */
export async function projectFiles(
  folder: string,
  top: string,
  options: Omit<RunOptions, 'cwd'>,
): Promise<ArchiveEntry[]> {
  const names = (await gitFiles(folder, options)) ?? (await allFiles(folder, ''));
  return entriesOf(names, { folder, top, options });
}

interface Reading {
  folder: string;
  top: string;
  options: Omit<RunOptions, 'cwd'>;
}

async function entriesOf(names: readonly string[], reading: Reading): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[][] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE).map((name) => entryOf(name, reading));
    entries.push((await Promise.all(some)).flat());
  }
  return entries.flat();
}

/** undefined where the project is not in git, or lies in a folder that git ignores. */
async function gitFiles(
  folder: string,
  options: Omit<RunOptions, 'cwd'>,
): Promise<string[] | undefined> {
  if (!(await isBelowGit(folder))) return undefined;
  const names = await listed(folder, options);
  return names.includes('go.mod') || names.includes('go.work') ? names : undefined;
}

async function listed(folder: string, options: Omit<RunOptions, 'cwd'>): Promise<string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { code, stdout, stderr } = await run('git', args, { ...options, cwd: folder });
  if (code !== 0) throw gitFailed(folder, stderr);
  return stdout.split('\0').filter(Boolean);
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
    if (!entry.isDirectory()) names.push(path);
    else for (const each of await allFiles(folder, path)) names.push(each);
  }
  return names;
}

/** Nothing for a file that git tracks and somebody deleted. */
async function entryOf(name: string, reading: Reading): Promise<ArchiveEntry[]> {
  const from = join(reading.folder, name);
  const path = `${reading.top}/${name}`;
  const found = await lstat(from).catch(() => undefined);
  if (!found) return [];
  if (found.isDirectory()) return submodule(name, reading);
  if (found.isSymbolicLink())
    return [{ path, kind: 'link', target: insideOnly(name, await readlink(from)) }];
  if (!found.isFile()) throw notAFile(from);
  const { size } = found;
  const executable = (found.mode & 0o100) !== 0;
  return [{ path, kind: 'file', executable, size, read: () => readFileChunks(from, size) }];
}

/** git names a folder only where another repository begins. */
async function submodule(name: string, reading: Reading): Promise<ArchiveEntry[]> {
  const below = join(reading.folder, name);
  if (!(await lstat(join(below, '.git')).catch(() => undefined))) throw notCheckedOut(below);
  const names = await listed(below, reading.options);
  return entriesOf(
    names.map((each) => join(name, each)),
    reading,
  );
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
  return new GofleetError('invalid_file', `${path} is neither a file nor a link`, {
    remedy: 'Remove it, or let git ignore it.',
  });
}

function notCheckedOut(path: string): GofleetError {
  return new GofleetError('invalid_file', `the git submodule ${path} is not checked out`, {
    remedy: 'Run `git submodule update --init --recursive` in the project.',
  });
}

function gitFailed(folder: string, stderr: string): GofleetError {
  return new GofleetError('usage', `git cannot list the files of ${folder}: ${stderr.trim()}`, {
    remedy: 'Make `git ls-files` work there, so that what git ignores stays out of the bundle.',
  });
}
