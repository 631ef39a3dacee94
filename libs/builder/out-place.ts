import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { GofleetError } from '#errors';
import { run, type Environment } from './run.ts';

/** Refuses a place that could not be written to when all else is done. Throws `usage`. */
export async function assertWritable(out: string): Promise<void> {
  const folder = await nearestFolder(dirname(resolve(out)), out);
  await access(folder, constants.W_OK).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new GofleetError(
      'usage',
      `${out} cannot be written: ${folder} is not writable (${code})`,
      {
        remedy: 'Name another place with -o, or let this user write there.',
        cause: error,
      },
    );
  });
}

async function nearestFolder(place: string, out: string): Promise<string> {
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory()) return place;
  if (!found && dirname(place) !== place) return nearestFolder(dirname(place), out);
  throw new GofleetError('usage', `${out} cannot be written: ${place} is no folder`, {
    remedy: 'Name another place with -o.',
  });
}

/** A bundle, or the cache, inside a project would be packed as part of it by the next build, unless git ignores it. */
export async function assertOutside(
  place: string,
  projects: readonly string[],
  env: Environment,
): Promise<void> {
  for (const project of projects) {
    const below = relative(project, resolve(place));
    if (below.startsWith('..') || (await isIgnored(below, project, env))) continue;
    throw new GofleetError('usage', `${place} lies in the project ${project}`, {
      remedy: 'It would become part of the project: name a place outside, or let git ignore it.',
    });
  }
}

async function isIgnored(below: string, project: string, env: Environment): Promise<boolean> {
  if (below === '') return false;
  const args = ['check-ignore', '--quiet', '--', below];
  const ran = await run('git', args, { cwd: project, env }).catch(() => undefined);
  return ran?.code === 0;
}
