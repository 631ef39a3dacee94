import { parseDocument } from '#document';
import { GofleetError, isGofleetError, type Fault } from '#errors';
import type { Playbook } from '#operations';
import { RolloutPlan } from '#rollout';
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import type { CreateRequest } from '../interface.ts';
import { readPlaybook, type Named } from './sources.ts';

/** A plan as it was sent, and where the names in it are looked up. */
export interface PlanSource extends CreateRequest, Pick<Engine, 'folders' | 'knownHosts'> {
  /** Only an admin may send a playbook inline. */
  mayInline: boolean;
}

/** A plan that is in form, with the playbook that it names. */
export interface ReadPlan {
  source: PlanSource;
  plan: RolloutPlan;
  playbook: Named<Playbook>;
}

/** Throws what is wrong with the plan or its playbook, with path and line. */
export async function readPlan(source: PlanSource): Promise<ReadPlan> {
  const plan = parseDocument(source.text, RolloutPlan, { name: 'plan', format: source.format });
  return withLines(source, async () => ({
    source,
    plan,
    playbook: await readPlaybook(source, plan.playbook),
  }));
}

/** Faults that name a key of the plan, found after it was parsed, get the line of that key. */
export async function withLines<T>(source: PlanSource, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw located(error, source);
  }
}

const KEYS =
  /^(?:bundle|inventory|playbook|targets|strategy|budgets|timeouts|timezone|windows|startAt|supersedes)\b/;

/** The same error, its faults with lines. */
export function located(error: unknown, source: Pick<PlanSource, 'text' | 'format'>): unknown {
  if (!isGofleetError(error)) return error;
  const [first] = error.errors;
  if (!first || first.line !== undefined || !KEYS.test(first.path)) return error;
  const errors = error.errors.map((fault) => withLine(fault, source));
  const { code, message, remedy, details } = error;
  const line = errors[0]?.line;
  const where = line === undefined ? '' : `plan line ${line}: `;
  return new GofleetError(code, `${where}${message}`, { remedy, details, errors, cause: error });
}

function withLine(fault: Fault, source: Pick<PlanSource, 'text' | 'format'>): Fault {
  return fault.line === undefined ? { ...fault, line: lineOf(fault.path, source) } : fault;
}

/** Where a path stands in the plan: a parse that refuses just that place tells. */
function lineOf(path: string, { text, format }: Pick<PlanSource, 'text' | 'format'>) {
  const steps = path.match(/[^.[\]]+/g) ?? [];
  const refusing = z.unknown().superRefine((_, context) => {
    context.addIssue({
      code: 'custom',
      path: steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      message: 'is here',
    });
  });
  try {
    parseDocument(text, refusing, { name: 'plan', format });
  } catch (error) {
    if (isGofleetError(error)) return error.errors[0]?.line;
  }
  return undefined;
}
