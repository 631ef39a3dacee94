import type { FailureGroup, SharedTrait } from '#api';
import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { requireRollout } from './hosts.ts';
import { findShared } from './shared.ts';
import { FAILED } from './traits.ts';

const GROUPS = 100;
const NAMES = 20;
/** What failing hosts share is looked for at most so often, however many ask. */
const FRESH = 10_000;

/** Hosts that stand failed, grouped by what their failures share, with what the hosts share. */
export interface FailureReads {
  /** The largest group first. */
  list(rollout: string): Promise<FailureGroup[]>;
}

type Known = Omit<FailureGroup, 'shared'>;
interface Looked {
  groups: string;
  at: number;
  shared: Promise<Map<string, SharedTrait[]>>;
}

export function createFailureReads(engine: Engine): FailureReads {
  const looked = new Map<string, Looked>();

  /** Those who ask at once or soon after wait for one look, unless other hosts failed meanwhile. */
  function lookOnce(rollout: string, known: Known[]): Promise<Map<string, SharedTrait[]>> {
    const groups = known.map(({ signature, count }) => `${signature} ${count}`).join('\n');
    const now = engine.clock.monotonic();
    for (const [id, { at }] of looked) if (now - at >= FRESH) looked.delete(id);
    const last = looked.get(rollout);
    if (last?.groups === groups) return last.shared;
    const shared = findShared(engine, rollout, known);
    shared.catch(() => looked.delete(rollout));
    looked.set(rollout, { groups, at: now, shared });
    return shared;
  }

  return {
    async list(rollout) {
      const known = await engine.ledger.read((queries) => listGroups(queries, rollout));
      if (known.length === 0) return [];
      const shared = await lookOnce(rollout, known);
      return known.map((group) => ({ ...group, shared: shared.get(group.signature) ?? [] }));
    },
  };
}

/** The groups alone. */
export async function listGroups(queries: Queries, rollout: string): Promise<Known[]> {
  await requireRollout(queries, rollout);
  const groups = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => ['signature', fn.countAll<number>().as('hosts')])
    .where('rollout', '=', rollout)
    .where('state', 'in', FAILED)
    .where('signature', 'is not', null)
    .groupBy('signature')
    .orderBy('hosts', 'desc')
    .orderBy('signature')
    .limit(GROUPS)
    .execute();
  const found: Known[] = [];
  for (const { signature, hosts } of groups)
    found.push(await toGroup(queries, rollout, signature ?? '', hosts));
  return found;
}

async function toGroup(
  queries: Queries,
  rollout: string,
  signature: string,
  count: number,
): Promise<Known> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(['name', 'code', 'message', 'remedy'])
    .where('rollout', '=', rollout)
    .where('signature', '=', signature)
    .where('state', 'in', FAILED)
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
