import * as fc from 'fast-check';
import { planRollout, RolloutPlan } from '#rollout';
import { createModel, type Model, type World } from './model.ts';

/** A small rollout and the world that it is put into. */
export interface Setting {
  plan: RolloutPlan;
  hosts: number;
  windows: boolean;
  state: NonNullable<World['state']>;
}

const tolerance = fc.option(fc.constantFrom(0, 1, 2, 4, '10%', '34%'), { nil: undefined });

const strategy = fc.record({
  batches: fc.array(
    fc.record({
      size: fc.constantFrom(1, 2, 3, 5, 8, '25%'),
      delay: fc.constantFrom('0s', '30s'),
      maxFailures: tolerance,
      maxUnreachable: tolerance,
      bake: fc.constantFrom(undefined, undefined, '20s'),
      approval: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  concurrency: fc.integer({ min: 1, max: 8 }),
  inflight: fc.constantFrom('drain', 'cancel'),
  strict: fc.boolean(),
  onTrip: fc.constantFrom('pause', 'pause', 'pause', 'rollback-batch', 'rollback-all', 'abort'),
});

/** Small rollouts with every mixture of what a plan can ask for. */
export const settings: fc.Arbitrary<Setting> = fc
  .record({
    strategy,
    hosts: fc.integer({ min: 1, max: 24 }),
    maxPerDomain: fc.constantFrom(undefined, undefined, undefined, 1, 3, '50%'),
    budgets: fc.record({
      maxFailures: tolerance,
      maxUnreachable: tolerance,
      maxSameSignature: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
    }),
    timeouts: fc.constantFrom({}, { connect: '1s', step: '2s', host: '3s', batch: '2m' }),
    approvers: fc.integer({ min: 1, max: 2 }),
    windows: fc.constantFrom(false, false, true),
    state: fc.constantFrom(
      'running' as const,
      'running' as const,
      'scheduled' as const,
      'pending_approval' as const,
    ),
    startAt: fc.constantFrom(undefined, '1970-01-01T00:17:00Z'),
  })
  .map(
    ({ approvers, budgets, hosts, maxPerDomain, startAt, state, timeouts, windows, ...more }) => ({
      hosts,
      windows,
      state,
      plan: RolloutPlan.parse({
        kind: 'RolloutPlan',
        name: 'p',
        inventory: 'i',
        targets: 'all',
        bundle: 'b',
        playbook: 'p',
        strategy: {
          ...more.strategy,
          ...(maxPerDomain !== undefined && { failureDomain: 'rack', maxPerDomain }),
        },
        budgets,
        timeouts,
        approval: { approvers, required: state === 'pending_approval', expires: '5m' },
        ...(state !== 'running' && { startAt }),
      }),
    }),
  );

/** The rollout before anything has happened. */
export function begin({ hosts, plan, state, windows }: Setting): Model {
  const limited = plan.strategy.failureDomain !== undefined;
  const fleet = Array.from({ length: hosts }, (_, index) => ({
    name: `h${index}`,
    connection: { address: `10.0.0.${index}`, port: 22 },
    ...(limited && { domain: `rack${index % 3}` }),
  }));
  const planned = planRollout(plan, fleet);
  const domains = planned.order.map((place) => fleet[place]?.domain);
  return createModel(planned, { domains, windows, state });
}
