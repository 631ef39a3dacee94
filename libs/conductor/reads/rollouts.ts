import { setImmediate as nextTick } from 'node:timers/promises';
import type { Batch, Counts, Numbers, Page, PageQuery, Rollout, RolloutSummary } from '#api';
import type { BatchRow, Queries, RolloutRow } from '#ledger';
import {
  allowedActions,
  answerCounts,
  answerTotals,
  currentBatch,
  estimateEnd,
  percentComplete,
  tripsAt,
  type RolloutView,
} from '#rollout';
import { formatDuration } from '#units';
import { standingOf } from './standing.ts';
import { loadBatches, toView } from '../conduct/view.ts';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import type { Frozen } from '../frozen.ts';
import type { RolloutFilter, Tagged } from '../interface.ts';
import { fromJson, toTime, toTimeOrNull } from '../json.ts';
import { noRollout, notFound } from '../not-found.ts';

export async function getRollout(engine: Engine, id: string): Promise<Tagged<Rollout>> {
  return engine.ledger.read(async (queries) => {
    const found = await load(engine, queries, id);
    const standing = await standingOf(queries, found);
    return { value: { ...toRollout(found), ...standing }, etag: etagOf(found.row) };
  });
}

/** Changes with verbs and trips. */
export function etagOf({ version }: Pick<RolloutRow, 'version'>): string {
  return `"${version}"`;
}

/** Newest first. */
export async function listRollouts(
  engine: Engine,
  { limit, cursor, state, label }: RolloutFilter,
): Promise<Page<RolloutSummary>> {
  const [before] = readCursor<[string]>(cursor, ['string']) ?? [undefined];
  const rows = await engine.ledger.read(async (queries) => {
    let query = queries
      .selectFrom('rollouts')
      .select('id')
      .where('purpose', '=', 'rollout')
      .orderBy('id', 'desc')
      .limit(mostOf(limit) + 1);
    if (before !== undefined) query = query.where('id', '<', before);
    if (state !== undefined) query = query.where('state', '=', state);
    if (label !== undefined) query = query.where('labels', 'like', labelPattern(label));
    return query.execute();
  });
  const page = toPage(
    rows,
    mostOf(limit),
    ({ id }) => [id],
    ({ id }) => id,
  );
  const items: RolloutSummary[] = [];
  for (const id of page.items) {
    items.push(toSummary(await engine.ledger.read((queries) => load(engine, queries, id))));
    await nextTick();
  }
  return { items, nextCursor: page.nextCursor };
}

function labelPattern(label: string): string {
  const [key = '', ...value] = label.split('=');
  const text = JSON.stringify(key);
  return value.length === 0 ? `%${text}:%` : `%${text}:${JSON.stringify(value.join('='))}%`;
}

export async function listBatches(
  engine: Engine,
  id: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Batch>> {
  const [after] = readCursor<[number]>(cursor, ['number']) ?? [0];
  return engine.ledger.read(async (queries) => {
    const found = await load(engine, queries, id);
    const rest = found.batches.filter(({ number }) => number > after).slice(0, limit + 1);
    return toPage(
      rest,
      mostOf(limit),
      ({ number }) => [number],
      (row) => toBatch(found.view, row),
    );
  });
}

export async function getBatch(engine: Engine, id: string, number: number): Promise<Batch> {
  return engine.ledger.read(async (queries) => {
    const { view, batches } = await load(engine, queries, id);
    const row = batches.find((batch) => batch.number === number);
    if (!row) throw notFound('batch', String(number), `The rollout has ${batches.length} batches.`);
    return toBatch(view, row);
  });
}

export interface Loaded {
  row: RolloutRow;
  batches: BatchRow[];
  view: RolloutView;
  frozen: Frozen;
  now: number;
}

/** All of one snapshot, so that counts add up. */
async function load(engine: Engine, queries: Queries, id: string): Promise<Loaded> {
  const row = await queries
    .selectFrom('rollouts')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw noRollout(id);
  const now = engine.clock.now();
  const frozen = await engine.frozen.of(queries, id);
  if (frozen.reading) throw noRollout(id);
  const batches = await loadBatches(queries, id);
  return { row, batches, frozen, now, view: toView(row, batches, frozen, now) };
}

function toRollout(loaded: Loaded): Omit<Rollout, 'approval' | 'waits'> {
  const { row, batches, view, frozen } = loaded;
  return {
    ...toSummary(loaded),
    batches: batches.map((batch) => toBatch(view, batch)),
    numbers: numbersOf(view),
    supersedes: row.supersedes,
    warnings: frozen.warnings,
  };
}

function numbersOf({ strategy }: RolloutView): Numbers {
  const { concurrency, strict, inflight, onTrip, startAt, windows } = strategy;
  return {
    concurrency,
    strict,
    inflight,
    onTrip,
    windows,
    maxFailures: strategy.maxFailures ?? null,
    maxUnreachable: strategy.maxUnreachable ?? null,
    maxSameSignature: strategy.maxSameSignature ?? null,
    startAt: toTimeOrNull(startAt ?? null),
  };
}

function toSummary({ row, view, now }: Loaded): RolloutSummary {
  const eta = estimateEnd(view, now);
  return {
    id: row.id,
    name: row.name,
    labels: JSON.parse(row.labels) as Record<string, string>,
    state: view.state,
    reason: view.reason ?? null,
    planDigest: row.plan_digest,
    bundle: { name: row.bundle_name, digest: row.bundle_digest },
    playbook: row.playbook,
    inventory: row.inventory,
    targets: row.targets,
    requester: row.requester,
    createdAt: toTime(row.created_at),
    startedAt: toTimeOrNull(row.started_at),
    finishedAt: toTimeOrNull(row.finished_at),
    eta: eta === undefined ? null : toTime(eta),
    percentComplete: percentComplete(view),
    currentBatch: currentBatch(view)?.number ?? null,
    counts: answerTotals(view, row.excluded) as Counts,
    allowedActions: allowedActions(view, now),
  };
}

function toBatch(view: RolloutView, row: BatchRow): Batch {
  const batch = view.batches.find(({ number }) => number === row.number);
  if (!batch) throw new RangeError(`there is no batch ${row.number} in its own view`);
  return {
    number: row.number,
    state: batch.state,
    size: row.size,
    delay: formatDuration(row.delay),
    maxFailures: row.max_failures,
    maxUnreachable: row.max_unreachable,
    tripsAt: tripsAt(view, batch),
    startedAt: toTimeOrNull(row.started_at),
    passedAt: toTimeOrNull(row.passed_at),
    bake: formatDuration(batch.bake),
    bakeUntil: toTimeOrNull(row.bake_until),
    approval: batch.approval,
    reason: fromJson<NonNullable<Batch['reason']>>(row.reason) ?? null,
    counts: answerCounts(batch.counts) as Counts,
  };
}
