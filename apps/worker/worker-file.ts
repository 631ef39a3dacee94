import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import { WorkerFile, type AllowRule } from '#ssh';
import { z } from 'zod';
import { POLICIES, type SigningOptions } from '../process/signing-policy.ts';

/** worker.yaml: what this worker may do with its secrets and for whom, and who may sign what it sends. */
export const WorkerYaml = WorkerFile.partial().extend({
  bundlePolicy: z.enum(POLICIES).optional(),
  /** Relative paths are taken from the folder of worker.yaml. */
  allowedSigners: z.string().min(1).optional(),
  revokedKeys: z.string().min(1).optional(),
});

/** What a worker goes by that only the people of its site decide. */
export interface WorkerRules {
  allow: AllowRule[] | 'all';
  signing: SigningOptions;
}

/** The rules of worker.yaml; where it does not say, all secrets are allowed or none. Throws `invalid_file` with lines. */
export async function readWorkerFile(
  file: string | undefined,
  trusting: boolean,
): Promise<WorkerRules> {
  const unsaid = trusting ? 'all' : [];
  const text = file === undefined ? undefined : await textOf(file);
  if (file === undefined || text === undefined) return { allow: unsaid, signing: {} };
  const said = parseDocument(text, WorkerYaml, { name: file });
  const { allow = unsaid, bundlePolicy, allowedSigners, revokedKeys } = said;
  const beside = (path: string | undefined) => path && resolve(dirname(file), path);
  return {
    allow,
    signing: {
      bundlePolicy,
      allowedSigners: beside(allowedSigners),
      revokedKeys: beside(revokedKeys),
    },
  };
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
