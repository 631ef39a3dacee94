import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { GofleetError } from '#errors';
import { parseGoMod, parseGoWork } from '#gomod';
import type { Member, Shape } from './project.ts';
import { leadsOut } from './replacements.ts';

/** Reads a go.work and the go.mod of each member. Throws `invalid_file` where a member is not there or lies outside. */
export async function openWorkspace(folder: string): Promise<Shape> {
  const path = join(folder, 'go.work');
  const work = parseGoWork(await readFile(path, 'utf8'), path);
  const members: Member[] = [];
  for (const { folder: named, line } of work.use)
    members.push(await openMember(folder, named, `${path} line ${line}`));
  const [first, ...others] = members;
  if (!first)
    throw new GofleetError('invalid_file', `${path} has no member`, {
      remedy: 'Add one with `go work use FOLDER`.',
    });
  const replace = [...work.replace, ...members.flatMap(({ mod }) => mod.replace)];
  const { go, toolchain } = work;
  return { isWorkspace: true, members: [first, ...others], go, toolchain, replace };
}

async function openMember(folder: string, named: string, place: string): Promise<Member> {
  if (leadsOut(named))
    throw new GofleetError('invalid_file', `${place}: ${named} lies outside the project`, {
      remedy: 'Name a folder above all members as the project, with a go.work there.',
    });
  const path = join(folder, named, 'go.mod');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new GofleetError('invalid_file', `${place}: ${named} has no go.mod`, {
      remedy: 'Take it out with `go work edit -dropuse`, or bring the module back.',
    });
  return { folder: withoutSlash(normalize(named)), mod: parseGoMod(text, path) };
}

function withoutSlash(folder: string): string {
  return folder.replace(/(.)\/+$/, '$1');
}
