import { readFile } from 'node:fs/promises';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import { WorkerFile, type AllowRule } from '#ssh';

/** The rules of worker.yaml; without that file all is allowed or nothing. Throws `invalid_file` with lines. */
export async function readAllow(
  file: string | undefined,
  trusting: boolean,
): Promise<AllowRule[] | 'all'> {
  const text = file === undefined ? undefined : await textOf(file);
  if (file === undefined || text === undefined) return trusting ? 'all' : [];
  return parseDocument(text, WorkerFile, { name: file }).allow;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new GofleetError('invalid_file', `${file} cannot be read`, {
      remedy: 'Let the user of the worker read it, or remove it.',
      cause,
    });
  }
}
