import type { Before, Facts } from '../host/facts.ts';
import type { Step } from '../steps.ts';
import { generationOf, type Wanted } from '../wanted.ts';
import { recordsActive } from './health-check.ts';

/** The one link that switches Go, modules and settings together. */
export function generationSteps({ generation }: Wanted, found: Facts): Step[] {
  if (!generation || generation.name === found.active?.generation) return [];
  const { name, go, modules } = generation;
  return [{ step: 'activate', generation: name, go, modules }];
}

/** state.json says what is active; written anew when a switch was cut off before it. */
export function recordSteps(
  rollout: string,
  { generation }: Wanted,
  found: Facts,
  switched: boolean,
): Step[] {
  if (!generation || (!switched && recordsActive(found))) return [];
  const { go, modules } = generation;
  const checks = switched ? [] : (found.state?.checks ?? []);
  return [{ step: 'record', state: { rollout, active: { go, modules }, checks } }];
}

/** Back to the generation that was active, or to none. */
export function undoGeneration(before: Before, found: Facts): Step[] {
  const active = found.active?.generation ?? null;
  if (before.generation === active) return [];
  if (before.generation === null || before.go === null) return [{ step: 'deactivate' }];
  const { go, modules } = generationOf(before.go, before.modules);
  return [{ step: 'activate', generation: before.generation, go, modules }];
}
