import type { FleetHost, FleetHostDetail, HostHistory, Page } from '#api';
import type { Queries, RegistryRow } from '#ledger';
import type { HostState } from '#rollout';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import type { FleetFilter } from '../interface.ts';
import { fromJson, toTime, toTimeOrNull } from '../json.ts';
import { notFound } from '../not-found.ts';
import { driftOf, healthOf, readFacts } from './judge-host.ts';

/** Rollouts of a host that are shown. */
const SHOWN = 100;

/** Every host that a rollout has had, by name and site. */
export async function listFleet(
  engine: Engine,
  { limit, cursor, quarantined }: FleetFilter,
): Promise<Page<FleetHost>> {
  const most = mostOf(limit);
  const [name, site] = readCursor<[string, string]>(cursor, ['string', 'string']) ?? ['', ''];
  return engine.ledger.read(async (queries) => {
    let query = hosts(queries)
      .where((where) =>
        where.or([
          where('name', '>', name),
          where.and([where('name', '=', name), where('site', '>', site)]),
        ]),
      )
      .limit(most + 1);
    if (quarantined !== undefined)
      query = query.where('quarantine.host', quarantined ? 'is not' : 'is', null);
    const rows = await query.execute();
    const { items, nextCursor } = toPage(
      rows,
      most,
      (row) => [row.name, row.site],
      (row) => row,
    );
    return { items: await toFleetHosts(engine, queries, items), nextCursor };
  });
}

/** Every known host of that name, over all sites, with the rollouts that it was in. Throws `not_found`. */
export async function getFleetHost(engine: Engine, name: string): Promise<FleetHostDetail[]> {
  return engine.ledger.read(async (queries) => {
    const rows = await hosts(queries).where('name', '=', name).limit(1000).execute();
    if (rows.length === 0) throw noSuchHost(name);
    const known = await toFleetHosts(engine, queries, rows);
    const detailed: FleetHostDetail[] = [];
    for (const host of known)
      detailed.push({ ...host, history: await historyOf(queries, host.name, host.site) });
    return detailed;
  });
}

function hosts(queries: Queries) {
  return queries
    .selectFrom('host_registry')
    .leftJoin('quarantine', 'quarantine.host', 'host_registry.name')
    .selectAll('host_registry')
    .select(['quarantine.at', 'quarantine.who', 'quarantine.note'])
    .orderBy('name')
    .orderBy('site');
}

type Row = RegistryRow & { at: number | null; who: string | null; note: string | null };

async function toFleetHosts(
  engine: Engine,
  queries: Queries,
  rows: readonly Row[],
): Promise<FleetHost[]> {
  const known: FleetHost[] = [];
  for (const row of rows) {
    const facts = readFacts(row);
    const rollout = row.last_outcome === 'rolled_back' ? row.changed_by : row.last_rollout;
    const wanted = rollout === null ? [] : (await engine.frozen.of(queries, rollout)).operations;
    known.push({
      ...toFleetHost(row),
      drift: driftOf(facts, wanted),
      health: healthOf(row, facts),
    });
  }
  return known;
}

function toFleetHost(row: Row): Omit<FleetHost, 'drift' | 'health'> {
  const { at, who, note } = row;
  return {
    name: row.name,
    site: row.site,
    epoch: row.epoch,
    owner: row.owner,
    changedBy: row.changed_by,
    lastRollout: row.last_rollout,
    lastOutcome: row.last_outcome,
    lastSeenAt: toTimeOrNull(row.last_seen_at),
    lastSucceededAt: toTimeOrNull(row.last_succeeded_at),
    adopt: row.adopt === 1,
    facts: fromJson(row.facts) ?? null,
    quarantine: at === null ? null : { at: toTime(at), who: who ?? '', note: note ?? '' },
  };
}

async function historyOf(queries: Queries, name: string, site: string): Promise<HostHistory[]> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_hosts.rollout')
    .selectAll('rollout_hosts')
    .select(['rollouts.name as title', 'bundle_name', 'playbook', 'created_at'])
    .where('rollout_hosts.name', '=', name)
    .where('rollout_hosts.site', '=', site)
    .where('rollouts.purpose', '=', 'rollout')
    .orderBy('rollouts.id', 'desc')
    .limit(SHOWN)
    .execute();
  return rows.map((row) => ({
    rollout: row.rollout,
    name: row.title,
    bundle: row.bundle_name,
    playbook: row.playbook,
    createdAt: toTime(row.created_at),
    state: row.state as HostState,
    code: row.code,
    message: row.message,
    unchanged: row.unchanged === 1,
    changed: row.changed === 1,
    startedAt: toTimeOrNull(row.started_at),
    endedAt: toTimeOrNull(row.ended_at),
  }));
}

function noSuchHost(name: string) {
  return notFound(
    'host',
    name,
    'A host is known once a rollout has had it; look at GET /v1/fleet.',
  );
}
