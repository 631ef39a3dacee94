import type { Attempt, RolloutHostDetail } from '#api';
import type { ClaimRow, HostRow, Queries, StepRow } from '#ledger';
import type { Engine } from '../engine.ts';
import { fromJson, toTime, toTimeOrNull } from '../json.ts';
import { notFound } from '../not-found.ts';
import { requireRollout, toHost } from './hosts.ts';

const AT_ONCE = 1000;

/** One host with all that was tried on it. */
export async function getHost(
  engine: Engine,
  rollout: string,
  name: string,
): Promise<RolloutHostDetail> {
  return engine.ledger.read(async (queries) => {
    const row = await findByName(queries, rollout, name);
    const spec = await queries
      .selectFrom('host_specs')
      .selectAll()
      .where('rollout', '=', rollout)
      .where('number', '=', row.number)
      .executeTakeFirstOrThrow();
    return {
      ...toHost(row),
      groups: JSON.parse(spec.groups) as string[],
      attempts: await attemptsOf(queries, row),
      before: fromJson(spec.facts_before) ?? null,
      after: fromJson(spec.facts_after) ?? null,
    };
  });
}

/** Plain text: what was told of the host, oldest line first. */
export async function hostLog(engine: Engine, rollout: string, name: string): Promise<string> {
  return engine.ledger.read(async (queries) => {
    const row = await findByName(queries, rollout, name);
    const texts: string[] = [];
    let after = 0;
    for (;;) {
      const lines = await queries
        .selectFrom('host_logs')
        .selectAll()
        .where('rollout', '=', rollout)
        .where('host', '=', row.number)
        .where('id', '>', after)
        .orderBy('id')
        .limit(AT_ONCE)
        .execute();
      texts.push(...lines.map(({ text }) => (text.endsWith('\n') ? text : `${text}\n`)));
      after = lines.at(-1)?.id ?? after;
      if (lines.length < AT_ONCE) return texts.join('');
    }
  });
}

async function findByName(queries: Queries, rollout: string, name: string): Promise<HostRow> {
  await requireRollout(queries, rollout);
  const row = await queries
    .selectFrom('rollout_hosts')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) throw notFound('host', name, `Look at \`gofleet rollout hosts ${rollout}\`.`);
  return row;
}

async function attemptsOf(queries: Queries, { rollout, number }: HostRow): Promise<Attempt[]> {
  const claims = await queries
    .selectFrom('claims')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('host', '=', number)
    .orderBy('epoch', 'desc')
    .limit(50)
    .execute();
  const steps = await queries
    .selectFrom('steps')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('host', '=', number)
    .where('epoch', '>=', claims.at(-1)?.epoch ?? 0)
    .orderBy('epoch')
    .orderBy('seq')
    .limit(AT_ONCE)
    .execute();
  return claims.toReversed().map((claim) =>
    toAttempt(
      claim,
      steps.filter(({ epoch }) => epoch === claim.epoch),
    ),
  );
}

export function toAttempt(claim: ClaimRow, steps: StepRow[]): Attempt {
  return {
    epoch: claim.epoch,
    task: TASKS[claim.task] ?? 'forward',
    worker: claim.worker,
    startedAt: toTime(claim.started_at),
    endedAt: toTimeOrNull(claim.ended_at),
    outcome: claim.outcome,
    code: claim.code,
    message: claim.message,
    bytesSent: claim.bytes_sent,
    steps: steps.map(({ name, at, ms, ok, detail }) => ({
      name,
      at,
      ms,
      ok: ok === 1,
      ...(detail !== null && { detail }),
    })),
  };
}

/** As a claim names what it is for. */
const TASKS: Record<string, Attempt['task']> = {
  forward: 'forward',
  back: 'rollback',
  probe: 'probe',
  bake: 'bake',
  read: 'read',
};
