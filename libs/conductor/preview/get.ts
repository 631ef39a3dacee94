import { setImmediate as nextTick } from 'node:timers/promises';
import type { PlanPreview, PreviewHost, Reading } from '#api';
import { GofleetError } from '#errors';
import { expectKnown, expectRead, type Expected, type Facts } from '#operations';
import type { Engine } from '../engine.ts';
import { notFound } from '../not-found.ts';
import { getReading, hostsAfter } from '../readings/get.ts';
import { countChanges, previewHost } from './expected-hosts.ts';
import type { KeptPlan } from './live.ts';

/** A plan whose hosts are being read, or were. Throws `not_found`. */
export async function getPlan(engine: Engine, id: string): Promise<PlanPreview> {
  const { preview, reading, kept } = await findPlan(engine, id);
  if (preview !== null) return JSON.parse(preview) as PlanPreview;
  const { state, counts } = await getReading(engine, reading, { limit: 1 });
  if (state === 'running') return underWay(id, kept.known, counts);
  const ready = await readyPreview(engine, { id, reading, kept, counts });
  await engine.write((queries) =>
    queries
      .updateTable('plans')
      .set({ preview: JSON.stringify(ready) })
      .where('id', '=', id)
      .execute(),
  );
  return ready;
}

/** What a rollout of a previewed plan is made of. Throws `not_found`, `conflict` while hosts are still being read. */
export async function requestOf(
  engine: Engine,
  id: string,
): Promise<{ request: KeptPlan['request']; digest: string }> {
  const { state, planDigest } = await getPlan(engine, id);
  const { kept } = await findPlan(engine, id);
  if (state === 'ready') return { request: kept.request, digest: planDigest };
  throw new GofleetError('conflict', `the hosts of plan ${id} are still being read`, {
    remedy: `Wait until GET /v1/plans/${id} says that it is ready.`,
  });
}

async function findPlan(engine: Engine, id: string) {
  const row = await engine.ledger.read((queries) =>
    queries.selectFrom('plans').selectAll().where('id', '=', id).executeTakeFirst(),
  );
  if (!row || row.reading === null)
    throw notFound('plan', id, 'Plans are kept for 7 days; preview it again.');
  const kept = JSON.parse(row.request) as KeptPlan;
  return { preview: row.preview, reading: row.reading, kept };
}

function underWay(id: string, known: PlanPreview, reading: Reading['counts']): PlanPreview {
  return { ...known, id, state: 'reading', facts: 'live', reading };
}

const AT_ONCE = 200;

interface Read {
  id: string;
  reading: string;
  kept: KeptPlan;
  counts: Reading['counts'];
}

/** What the hosts said takes the place of what was known of them. */
async function readyPreview(engine: Engine, read: Read): Promise<PlanPreview> {
  const { id, reading, kept, counts } = read;
  const found = new Map<string, PreviewHost>();
  const batchOf = new Map(kept.known.hosts.map(({ host, batch }) => [host, batch]));
  let after = -1;
  for (;;) {
    const rows = await engine.ledger.read((queries) =>
      hostsAfter(queries, reading, after, AT_ONCE),
    );
    for (const row of rows) {
      const where = { host: row.name, batch: batchOf.get(row.name) ?? 1 };
      const expected = expectedOf(row.facts_after, kept);
      found.set(row.name, previewHost(where, expected, row));
    }
    after = rows.at(-1)?.number ?? after;
    if (rows.length < AT_ONCE) break;
    await nextTick();
  }
  const hosts = kept.known.hosts.map((host) => found.get(host.host) ?? host);
  return {
    ...underWay(id, kept.known, counts),
    state: 'ready',
    hosts,
    changes: countChanges(hosts),
  };
}

/** A worker of an earlier release sends less. */
function expectedOf(facts: string | null, { operations }: KeptPlan): Expected | undefined {
  if (facts === null) return undefined;
  const said = JSON.parse(facts) as { found?: Facts };
  return said.found ? expectRead(said.found, operations) : expectKnown(said, operations);
}
