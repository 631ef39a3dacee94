import type { Queries } from '#ledger';
import { fromJson } from '../json.ts';

/** One host that was tried, as far as failures are explained by it. */
export interface TriedHost {
  number: number;
  /** Of its failure; null where it did not fail. */
  signature: string | null;
  /** Trait and value: what it is, where it is, who did it. A trait that is not known of it is not there. */
  traits: [trait: string, value: string][];
  /** Its facts were read once: a trait of facts that is not there is then one that it has not. */
  known: boolean;
}

export const FAILED = ['failed', 'unreachable', 'lost', 'rollback_failed'];
/** Hosts that have ended one way or the other: those that wait would only dilute what the others have. */
const TRIED = [...FAILED, 'succeeded', 'rolled_back'];

/** The next hosts after a number that have ended, with their traits; one statement's worth. */
export async function loadTried(
  queries: Queries,
  rollout: string,
  { after, limit, signature }: { after: number; limit: number; signature?: string },
): Promise<TriedHost[]> {
  let query = queries
    .selectFrom('rollout_hosts as host')
    .innerJoin('host_specs as spec', (join) =>
      join.onRef('spec.rollout', '=', 'host.rollout').onRef('spec.number', '=', 'host.number'),
    )
    .leftJoin('host_registry as known', (join) =>
      join.onRef('known.name', '=', 'host.name').onRef('known.site', '=', 'host.site'),
    )
    .select([
      'host.number',
      'host.state',
      'host.signature',
      'host.site',
      'host.worker',
      'spec.groups',
      'spec.traits',
      'spec.facts_before as read',
      'known.facts as known',
    ])
    .where('host.rollout', '=', rollout)
    .where('host.number', '>', after)
    .where('host.state', 'in', TRIED)
    .orderBy('host.number')
    .limit(limit);
  if (signature !== undefined)
    query = query.where('host.signature', '=', signature).where('host.state', 'in', FAILED);
  const rows = await query.execute();
  return rows.map((row) => {
    const facts = fromJson<Record<string, unknown>>(row.read ?? row.known);
    return {
      number: row.number,
      signature: FAILED.includes(row.state) ? row.signature : null,
      traits: [
        ['site', row.site],
        ...(row.worker === null ? [] : [['worker', row.worker] as [string, string]]),
        ...(JSON.parse(row.groups) as string[]).map((group): [string, string] => ['group', group]),
        ...Object.entries(JSON.parse(row.traits) as Record<string, string>),
        ...factsOf(facts ?? {}),
      ],
      known: facts !== undefined,
    };
  });
}

/** What a fact is called as a trait. Numbers that differ from host to host are no traits, and neither is what we wrote. */
export const FACTS: Record<string, string> = {
  platform: 'platform',
  kernel: 'kernel',
  system: 'os',
  mode: 'mode',
  user: 'user',
  root: 'root',
  go: 'tree',
  goVersion: 'go',
};

function factsOf(facts: Record<string, unknown>): [string, string][] {
  return Object.entries(FACTS).flatMap(([fact, trait]): [string, string][] => {
    const value = facts[fact];
    return typeof value === 'string' ? [[trait, value]] : [];
  });
}
