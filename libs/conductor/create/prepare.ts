import type { Actor } from '#api';
import type { RolloutPlan } from '#rollout';
import type { Engine } from '../engine.ts';
import type { CreateRequest } from '../interface.ts';
import { drawUp, type DrawnUp } from './draw-up.ts';
import { lookUp, type LookedUp } from './look-up.ts';
import { readPlan, withLines, type PlanSource } from './read-plan.ts';

/** A plan with everything that it names read and checked; nothing is written yet. */
export interface Prepared extends DrawnUp, Omit<LookedUp, 'quarantine'> {
  plan: RolloutPlan;
  /** Under which name the playbook is shown. */
  playbook: string;
}

/** Reads all that a plan names. Faults of the plan itself name path and line. */
export async function prepare(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
): Promise<Prepared> {
  const source = sourceOf(engine, by, request);
  const read = await readPlan(source);
  const { quarantine, ...known } = await withLines(source, () => lookUp(engine, read));
  const { operations, bundle } = known;
  const drawn = await drawUp(read, { operations, bundle: bundle.digest, quarantine });
  return { ...drawn, ...known, plan: read.plan, playbook: read.playbook.name };
}

/** A request, and where its names are looked up. */
export function sourceOf(engine: Engine, by: Actor, request: CreateRequest): PlanSource {
  const { folders, knownHosts } = engine;
  const { inventory, playbooks } = folders;
  return {
    ...request,
    folders: { inventory, playbooks },
    knownHosts,
    mayInline: by.role === 'admin',
  };
}
