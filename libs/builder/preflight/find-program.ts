import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Environment } from '../run.ts';

/** Whether a program is in PATH, or, named by a path, is there. */
export async function findProgram(name: string, { PATH = '' }: Environment): Promise<boolean> {
  const places = name.includes('/')
    ? [name]
    : PATH.split(delimiter).map((each) => join(each, name));
  for (const place of places)
    if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}
