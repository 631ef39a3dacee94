import type { Actor, PlanPreview, PreviewBatch } from '#api';
import { predict, radiusOf, type PredictedBatch, type Reason } from '#rollout';
import { formatDuration } from '#units';
import { shutPlaces } from '../conduct/held.ts';
import { beginningOf } from '../create/beginning.ts';
import { withDrawing } from '../create/draft.ts';
import type { Drawing } from '../create/drawing.ts';
import type { Engine } from '../engine.ts';
import type { CreateRequest } from '../interface.ts';
import { fromJson, toTimeOrNull } from '../json.ts';
import { countChanges, expectHosts, type ExpectedHosts } from './expected-hosts.ts';
import { paceOf } from './pace.ts';

/** What a plan would do, from what is known; changes nothing. Throws what creating would throw, but for conflicts. */
export async function previewPlan(
  engine: Engine,
  by: Actor,
  request: CreateRequest,
): Promise<PlanPreview> {
  return withDrawing(engine, { by, request }, (drawing) => previewOf(engine, drawing));
}

/** The same for a drawing. */
export async function previewOf(engine: Engine, drawing: Drawing): Promise<PlanPreview> {
  const now = engine.clock.now();
  const expected = await expectHosts(engine, drawing);
  const beginning = await engine.ledger.read((queries) => beginningOf(queries, drawing.plan, now));
  const { predicted, times } = await predictTimes(engine, drawing, now);
  const { plan, bundle, playbook, inventory, targets, planned, leftOut } = drawing;
  return {
    id: null,
    state: 'ready',
    facts: 'known',
    reading: null,
    planDigest: await drawing.digest(),
    name: plan.name,
    bundle,
    playbook,
    inventory,
    targets,
    begins: { state: beginning.state, reason: fromJson<Reason>(beginning.reason) ?? null },
    planned,
    batches: batchesOf(drawing, expected, times),
    excluded: expected.excluded,
    leftOut,
    blastRadius: blastRadiusOf(drawing),
    changes: countChanges(expected.hosts),
    hosts: expected.hosts,
    predicted,
    warnings: [
      ...(await ownersOf(engine, expected.owners)),
      ...(await shutSites(engine, drawing, now)),
      ...drawing.warnings,
    ],
  };
}

function batchesOf(
  { batches, strategy }: Drawing,
  expected: ExpectedHosts,
  times: PredictedBatch[] | undefined,
): PreviewBatch[] {
  return batches.map((batch, index) => ({
    number: batch.number,
    size: batch.size,
    hosts: expected.batches.get(batch.number) ?? [],
    delay: formatDuration(batch.delay),
    bake: formatDuration(batch.bake),
    approval: batch.approval,
    maxFailures: batch.maxFailures ?? null,
    maxUnreachable: batch.maxUnreachable ?? null,
    tripsAt: batch.tripsAt,
    mostHurt: radiusOf(strategy, batch).hurt,
    startsAt: toTimeOrNull(times?.[index]?.startsAt ?? null),
    endsAt: toTimeOrNull(times?.[index]?.endsAt ?? null),
  }));
}

function blastRadiusOf({ batches, strategy, planned }: Drawing): PlanPreview['blastRadius'] {
  const [first] = batches;
  if (!first) throw new RangeError('a plan has at least one batch');
  const { batch, touched, hurt, overshoot } = radiusOf(strategy, first);
  const percent = Math.floor((hurt * 1000) / planned) / 10;
  return { hosts: hurt, percent, batch, touched, overshoot, strict: strategy.strict };
}

async function predictTimes(engine: Engine, drawing: Drawing, now: number) {
  const { strategy, batches, plan, playbook } = drawing;
  const { host, assumption } = await engine.ledger.read((queries) => paceOf(queries, playbook));
  const zones = { planZone: plan.timezone, hostZone: drawing.zone };
  const times = predict(strategy, batches, { from: now, host, zones });
  const startsAt = times?.[0]?.startsAt ?? null;
  const endsAt = times?.at(-1)?.endsAt ?? null;
  const duration = startsAt === null || endsAt === null ? null : endsAt - startsAt;
  const asks = strategy.approval.required || batches.some(({ approval }) => approval);
  return {
    times,
    predicted: {
      startsAt: toTimeOrNull(startsAt),
      endsAt: toTimeOrNull(endsAt),
      duration: duration === null ? null : formatDuration(Math.ceil(duration / 1000) * 1000),
      assumptions: [
        assumption,
        `${strategy.concurrency} hosts are at work at once, nothing fails, and no site is short of workers`,
        ...(asks ? ['approvals are given at once'] : []),
        ...(plan.windows.some(({ timezone }) => timezone === 'host')
          ? [
              `windows are those of the time zone ${drawing.zone ?? plan.timezone}, which most hosts have`,
            ]
          : []),
        ...(times ? [] : ['no window ever opens for long enough']),
      ],
    },
  };
}

/** Hosts that belong to a rollout now. */
async function ownersOf(engine: Engine, owners: Map<string, number>): Promise<string[]> {
  if (owners.size === 0) return [];
  const rows = await engine.ledger.read((queries) =>
    queries
      .selectFrom('rollouts')
      .select(['id', 'state', 'requester'])
      .where('id', 'in', [...owners.keys()].slice(0, 1000))
      .execute(),
  );
  return rows.map(({ id, state, requester }) => {
    const hosts = owners.get(id) ?? 0;
    const whose = hosts === 1 ? '1 host belongs' : `${hosts} hosts belong`;
    return `${whose} to rollout ${id} (${state}, started by ${requester}) now: a start at this moment is refused (lock_conflict)`;
  });
}

/** Sites whose hosts nobody could work on now. */
async function shutSites(engine: Engine, { sites }: Drawing, now: number): Promise<string[]> {
  const hostsOf = new Map(sites);
  const shut = await engine.ledger.read((queries) => shutPlaces(queries, [...hostsOf.keys()], now));
  return shut.map(({ site, reason }) => {
    const hosts = hostsOf.get(site) ?? 0;
    return `${reason.message}: ${hosts} ${hosts === 1 ? 'host waits' : 'hosts wait'} for that`;
  });
}
