import type { FleetHost, Page, PageQuery } from '#api';
import type { RegistryRow } from '#ledger';
import { mostOf, readCursor, toPage } from '../cursor.ts';
import type { Engine } from '../engine.ts';
import { fromJson, toTimeOrNull } from '../json.ts';
import { notFound } from '../not-found.ts';

/** Every host that a rollout has had, by name and site. */
export async function listFleet(
  engine: Engine,
  { limit, cursor }: PageQuery,
): Promise<Page<FleetHost>> {
  const most = mostOf(limit);
  const [name, site] = readCursor<[string, string]>(cursor, ['string', 'string']) ?? ['', ''];
  const rows = await engine.ledger.read((queries) =>
    queries
      .selectFrom('host_registry')
      .selectAll()
      .where((where) =>
        where.or([
          where('name', '>', name),
          where.and([where('name', '=', name), where('site', '>', site)]),
        ]),
      )
      .orderBy('name')
      .orderBy('site')
      .limit(most + 1)
      .execute(),
  );
  return toPage(rows, most, (row) => [row.name, row.site], toFleetHost);
}

export async function getFleetHost(engine: Engine, name: string): Promise<FleetHost[]> {
  const rows = await engine.ledger.read((queries) =>
    queries
      .selectFrom('host_registry')
      .selectAll()
      .where('name', '=', name)
      .orderBy('site')
      .limit(1000)
      .execute(),
  );
  if (rows.length === 0)
    throw notFound(
      'host',
      name,
      'A host is known once a rollout has had it; look at GET /v1/fleet.',
    );
  return rows.map(toFleetHost);
}

function toFleetHost(row: RegistryRow): FleetHost {
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
  };
}
