import { setImmediate as nextTick } from 'node:timers/promises';
import type { ReportHost } from '#api';
import type { ClaimRow, HostRow, Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { fromJson } from '../json.ts';
import { toAttempt } from './host-detail.ts';
import { toHost } from './hosts.ts';

/** Hosts of one page: their facts are held in memory, and the event loop gets its turn after them. */
const PAGE = 100;
const CLAIMS = 1000;

/** Every host of a rollout, excluded ones too, in the order of the plan. */
export async function* reportHosts(engine: Engine, rollout: string): AsyncGenerator<ReportHost> {
  let after = -1;
  for (;;) {
    const from = after;
    const page = await engine.ledger.read((queries) => loadPage(queries, rollout, from));
    yield* page;
    after = page.at(-1)?.number ?? after;
    if (page.length < PAGE) return;
    await nextTick();
  }
}

async function loadPage(queries: Queries, rollout: string, after: number): Promise<ReportHost[]> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('number', '>', after)
    .orderBy('number')
    .limit(PAGE)
    .execute();
  const last = rows.at(-1)?.number ?? after;
  const specs = await queries
    .selectFrom('host_specs')
    .select(['number', 'groups', 'facts_before', 'facts_after'])
    .where('rollout', '=', rollout)
    .where('number', '>', after)
    .where('number', '<=', last)
    .execute();
  const claims = await loadClaims(queries, rollout, { after, last });
  return rows.map((row) => {
    const spec = specs.find(({ number }) => number === row.number);
    return toReportHost(row, spec, claims.get(row.number) ?? []);
  });
}

function toReportHost(
  row: HostRow,
  spec: { groups: string; facts_before: string | null; facts_after: string | null } | undefined,
  claims: ClaimRow[],
): ReportHost {
  return {
    ...toHost(row),
    outcome: row.outcome,
    groups: JSON.parse(spec?.groups ?? '[]') as string[],
    attempts: claims.map((claim) => {
      const { steps: _, ...attempt } = toAttempt(claim, []);
      return attempt;
    }),
    before: fromJson(spec?.facts_before ?? null) ?? null,
    after: fromJson(spec?.facts_after ?? null) ?? null,
  };
}

/** Oldest first, by the number of the host. */
async function loadClaims(
  queries: Queries,
  rollout: string,
  { after, last }: { after: number; last: number },
): Promise<Map<number, ClaimRow[]>> {
  const found = new Map<number, ClaimRow[]>();
  for (let seen = { host: after, epoch: Number.MAX_SAFE_INTEGER }; ;) {
    const { host, epoch } = seen;
    const rows = await queries
      .selectFrom('claims')
      .selectAll()
      .where('rollout', '=', rollout)
      .where('host', '>=', Math.max(host, 0))
      .where('host', '<=', last)
      .where((where) =>
        where.or([
          where('host', '>', host),
          where.and([where('host', '=', host), where('epoch', '>', epoch)]),
        ]),
      )
      .orderBy('host')
      .orderBy('epoch')
      .limit(CLAIMS)
      .execute();
    for (const row of rows) found.set(row.host, [...(found.get(row.host) ?? []), row]);
    const end = rows.at(-1);
    if (!end || rows.length < CLAIMS) return found;
    seen = { host: end.host, epoch: end.epoch };
  }
}
