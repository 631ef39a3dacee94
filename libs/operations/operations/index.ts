import type { Before, Facts } from '../host/facts.ts';
import type { OperationName } from '../playbook/schema.ts';
import { isStage, type Step } from '../steps.ts';
import type { Wanted } from '../wanted.ts';
import { generationSteps, recordSteps, undoGeneration } from './generation.ts';
import { goEnv } from './go-env.ts';
import { goToolchain } from './go-toolchain.ts';
import { healthCheck } from './health-check.ts';
import { modulePack } from './module-pack.ts';
import type { Operation } from './operation.ts';

/** Every operation, in the order in which their steps are carried out. */
export const OPERATIONS: Record<OperationName, Operation<Wanted>> = {
  'go-toolchain': goToolchain,
  'module-pack': modulePack,
  'go-env': goEnv,
  'health-check': healthCheck,
};

/** Everything that a host lacks: first what is staged, then the generation, the places, and the record. */
export function stepsFor(rollout: string, wanted: Wanted, found: Facts): Step[] {
  const own = Object.values(OPERATIONS).flatMap((each) => each.steps(wanted, found));
  const staged = own.filter((step) => isStage(step));
  const switched = [...generationSteps(wanted, found), ...own.filter((step) => !isStage(step))];
  return [...staged, ...switched, ...recordSteps(rollout, wanted, found, switched.length > 0)];
}

/** Everything that brings back what was there before: first the generation, then the places, and the record. */
export function undoFor(before: Before, found: Facts): Step[] {
  const places = Object.values(OPERATIONS).flatMap((each) => each.undo(before, found));
  const generation = undoGeneration(before, found);
  // Where no generation was active before, nothing may lead to one that is gone.
  const steps =
    before.generation === null ? [...places, ...generation] : [...generation, ...places];
  const recorded =
    found.state?.rollout === before.state.rollout && steps.length === 0
      ? []
      : [{ step: 'record' as const, state: before.state }];
  return [...steps, ...recorded];
}
