import type { FailureGroup } from '#api';
import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { requireRollout } from './hosts.ts';

const GROUPS = 100;
const NAMES = 20;
const STATES = ['failed', 'unreachable', 'lost', 'rollback_failed'];

/** Hosts that stand failed, grouped by what their failures share, the largest group first. */
export async function listFailures(engine: Engine, rollout: string): Promise<FailureGroup[]> {
  return engine.ledger.read(async (queries) => {
    await requireRollout(queries, rollout);
    const groups = await queries
      .selectFrom('rollout_hosts')
      .select(({ fn }) => ['signature', fn.countAll<number>().as('hosts')])
      .where('rollout', '=', rollout)
      .where('state', 'in', STATES)
      .where('signature', 'is not', null)
      .groupBy('signature')
      .orderBy('hosts', 'desc')
      .orderBy('signature')
      .limit(GROUPS)
      .execute();
    const found: FailureGroup[] = [];
    for (const { signature, hosts } of groups)
      found.push(await toGroup(queries, rollout, signature ?? '', hosts));
    return found;
  });
}

async function toGroup(
  queries: Queries,
  rollout: string,
  signature: string,
  count: number,
): Promise<FailureGroup> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(['name', 'code', 'message', 'remedy'])
    .where('rollout', '=', rollout)
    .where('signature', '=', signature)
    .where('state', 'in', STATES)
    .orderBy('number')
    .limit(NAMES)
    .execute();
  const [first] = rows;
  return {
    signature,
    code: first?.code ?? '',
    message: first?.message ?? '',
    remedy: first?.remedy ?? null,
    count,
    hosts: rows.map(({ name }) => name),
  };
}
