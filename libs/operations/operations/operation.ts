import type { z } from 'zod';
import type { Before, Facts } from '../host/facts.ts';
import type { Step } from '../steps.ts';

/** One operation, in one file: what it asks, what is to be done, and what takes it back. All of it is data. */
export interface Operation<Wanted> {
  /** What a playbook says. */
  schema: z.ZodType;
  /** The facts that it compares. */
  facts: readonly (keyof Facts)[];
  /** None where the host has what is wanted. */
  steps(wanted: Wanted, found: Facts): Step[];
  /** What brings back what was there before; none where that is there. */
  undo(before: Before, found: Facts): Step[];
}
