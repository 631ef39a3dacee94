import { HOST_STATES, ROLLOUT_STATES } from '#rollout';
import { parseDuration } from '#units';
import { z } from 'zod';

const rate = z
  .number()
  .min(0, { error: 'must not be negative' })
  .max(1, { error: 'is a share: 0.05 means 5 of 100' });

const duration = z.string().transform((written, context) => {
  const parsed = parseDuration(written.trim());
  if (parsed !== undefined && parsed > 0) return parsed;
  context.addIssue({ code: 'custom', message: 'expected a duration such as `30s` or `10m`' });
  return z.NEVER;
});

/** Rollouts that one simulation may run. */
export const MOST_RUNS = 1000;

/** A plan, and what may go wrong with its hosts: each rate is a share of all hosts, from 0 to 1. */
export const SimulationBody = z
  .strictObject({
    /** As in `POST /v1/plans`: its YAML as a string, or the mapping. */
    plan: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
    /** A pattern that narrows `targets`. */
    limit: z.string().min(1).optional(),
    /** Hosts that fail: one in four before anything is changed, the others by their checks after the switch. */
    failureRate: rate.default(0.05),
    /** Hosts that do not answer. */
    unreachableRate: rate.default(0),
    /** Hosts that take ten times as long. */
    slowRate: rate.default(0),
    /** A variable, such as `rack`: two of three hosts fare as their whole rack does. The rates stay as they are. */
    correlatedBy: z.string().min(1).optional(),
    /** How long a host takes: half of all at most `p50`, nine of ten at most `p90`. */
    durations: z
      .strictObject({ p50: duration, p90: duration })
      .refine(({ p50, p90 }) => p50 <= p90, { path: ['p90'], error: 'must not be below p50' })
      .prefault({ p50: '30s', p90: '90s' }),
    /** The same seed gives the same answer. */
    seed: z.union([z.string().max(100), z.int()]).default(1),
    /** Absent: as many as are done soon. */
    runs: z.int().min(1, { error: 'must be at least 1' }).max(MOST_RUNS).optional(),
  })
  .refine(({ failureRate, unreachableRate }) => failureRate + unreachableRate <= 1, {
    path: ['unreachableRate'],
    error: 'is more than is left of all hosts beside failureRate',
  });
export type SimulationBody = z.infer<typeof SimulationBody>;

/** Half of all are at most `p50`, nine of ten at most `p90`. */
const hosts = z.strictObject({ p50: z.int(), p90: z.int() });
const times = z.strictObject({ p50: z.string(), p90: z.string() });

/** How a plan would go, seen in many simulated runs. */
export const Simulation = z.strictObject({
  name: z.string(),
  runs: z.int(),
  seed: z.union([z.string(), z.int()]),
  /** Planned in each run. */
  hosts: z.int(),
  /** What was taken for true, as sentences. */
  assumptions: z.array(z.string()),
  trips: z.strictObject({
    /** Runs that tripped, and their share from 0 to 1. */
    runs: z.int(),
    share: z.number(),
    /** Of each batch, and by each rule. */
    batches: z.array(z.strictObject({ batch: z.int(), runs: z.int() })),
    rules: z.array(z.strictObject({ code: z.string(), runs: z.int() })),
    /** From the start to the first trip, and the hosts that were worked on by then; null where nothing tripped. */
    after: times.nullable(),
    touched: hosts.nullable(),
  }),
  /** From the start until it ended, or stood still and waited for a person. */
  duration: times,
  /** Hosts that had failed or could not be reached by then. */
  failed: hosts,
  /** In how many runs the rollout ended so; `paused` waits for a person. */
  states: z.array(z.strictObject({ state: z.enum(ROLLOUT_STATES), runs: z.int() })),
  /** Hosts that ended so, over all runs. */
  hostStates: z.array(z.strictObject({ state: z.enum(HOST_STATES), hosts: z.int() })),
  warnings: z.array(z.string()),
});
export type Simulation = z.infer<typeof Simulation>;
