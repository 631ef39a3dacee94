import { z } from 'zod';

/** What of its own state a host told to a reading. */
export interface HostWord {
  fleet: string | null;
  epoch: number;
  /** The rollout that switched it last and was not taken back since. */
  rollout: string | null;
  /** Builds that passed on what is active. */
  checks: string[];
}

const Facts = z.object({
  fleet: z.string().nullable(),
  epoch: z.int().nullable(),
  rollout: z.string().nullable(),
  found: z
    .object({ state: z.object({ checks: z.array(z.string()).default([]) }).optional() })
    .optional(),
});

/** Undefined for facts of a worker that does not tell this. */
export function wordOf(facts: unknown): HostWord | undefined {
  const { success, data } = Facts.safeParse(facts);
  if (!success) return undefined;
  const checks = data.found?.state?.checks ?? [];
  return { fleet: data.fleet, epoch: data.epoch ?? 0, rollout: data.rollout, checks };
}
