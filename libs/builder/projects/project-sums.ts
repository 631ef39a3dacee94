import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { parseGoSum, type GoSum } from '#gomod';
import type { Shape } from './project.ts';
import { replaced } from './replacements.ts';

/** Every go.sum of a project, and go.work.sum. Throws `invalid_file` where modules are required and none is there. */
export async function readSums(shape: Shape, folder: string): Promise<GoSum[]> {
  const paths = shape.members.map((member) => join(folder, member.folder, 'go.sum'));
  if (shape.isWorkspace) paths.push(join(folder, 'go.work.sum'));
  const sums: GoSum[] = [];
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) sums.push(parseGoSum(text, path));
  }
  if (sums.length === 0 && requiresModules(shape)) throw withoutSums(folder);
  return sums;
}

/** Members of a workspace and folders that stand for modules have no sums. */
function requiresModules({ members, replace }: Shape): boolean {
  const own = new Set(members.map(({ mod }) => mod.module));
  return members
    .flatMap(({ mod }) => mod.require)
    .some((module) => !own.has(module.path) && replaced(module, replace) !== undefined);
}

function withoutSums(folder: string): GofleetError {
  return new GofleetError(
    'invalid_file',
    `${folder} has a go.mod with requirements and no go.sum`,
    { remedy: 'Run `go mod tidy` there and commit go.sum.' },
  );
}
