import type { ReportAbout, ReportApproval } from '#api';
import type { Engine } from '../engine.ts';
import { fromJson, toTime } from '../json.ts';
import { getRollout } from './rollouts.ts';

/** What was planned, who asked for it and how it stands. Throws `not_found`. */
export async function reportAbout(engine: Engine, id: string): Promise<ReportAbout> {
  const { value } = await getRollout(engine, id);
  const { warnings, eta: _, allowedActions: __, rollback: ___, ...rollout } = value;
  return engine.ledger.read(async (queries) => {
    const { plan, operations, trust } = await engine.frozen.of(queries, id);
    const answers = await queries
      .selectFrom('decisions')
      .select(['number', 'at', 'by', 'kind', 'batch', 'details'])
      .where('rollout', '=', id)
      .where('kind', 'in', ['approve', 'deny'])
      .orderBy('number')
      .limit(1000)
      .execute();
    return {
      rollout,
      plan: { ...plan, notify: plan.notify.map(withoutPath) },
      operations,
      trust: trust ?? null,
      warnings,
      approvals: answers.map(({ number, at, by, kind, batch, details }): ReportApproval => {
        const { note } = fromJson<{ note?: string }>(details) ?? {};
        const answer = kind === 'deny' ? 'deny' : 'approve';
        return {
          decision: number,
          at: toTime(at),
          by: by ?? '',
          answer,
          batch,
          note: note ?? null,
        };
      }),
    };
  });
}

/** The address of a webhook often is its secret. */
function withoutPath<T extends object>(target: T): T {
  if (!('webhook' in target) || typeof target.webhook !== 'string') return target;
  return { ...target, webhook: URL.canParse(target.webhook) ? new URL(target.webhook).origin : '' };
}
