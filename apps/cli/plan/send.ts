import { readFile } from 'node:fs/promises';
import { GofleetError, isGofleetError } from '#errors';
import type { Cli } from '../cli.ts';
import type { Query } from '../client/client.ts';
import { withDetails } from '../print-error.ts';

/** How the controller speaks of what was posted; faults of inventory and playbook are in files of its own. */
const ABOUT_PLAN = /^plan(?: line \d+)?: /;

/** A plan as it stands in its file. */
export interface PlanFile {
  plan: string;
  file: string;
  query: Query;
}

/** Posts a plan; what is wrong with it is told with the name of the file. */
export async function sendPlan<T>(
  path: string,
  { plan, file, query }: PlanFile,
  { client }: Cli,
): Promise<T> {
  const headers = { 'content-type': 'application/yaml' };
  try {
    return await client.post<T>(path, plan, { query, headers });
  } catch (error) {
    throw isGofleetError(error) && ABOUT_PLAN.test(error.message)
      ? withDetails(error, { file })
      : error;
  }
}

export async function readPlan(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new GofleetError('invalid_file', `the plan ${file} cannot be read`, {
      remedy: 'Name a file with a rollout plan in YAML.',
      cause,
    });
  }
}
