import { setImmediate as nextTick } from 'node:timers/promises';
import type { PlanPreview, PreviewHost } from '#api';
import type { Queries } from '#ledger';
import { expectKnown, type Expected, type ResolvedOperation } from '#operations';
import type { Drawing } from '../create/drawing.ts';
import type { NewHost } from '../create/host-rows.ts';
import type { Engine } from '../engine.ts';
import { fromJson } from '../json.ts';

/** Hosts looked up at once; the event loop gets its turn after them. */
const AT_ONCE = 500;

/** What is known of the hosts of a drawing. */
export interface ExpectedHosts {
  /** Names by batch. */
  batches: Map<number, string[]>;
  hosts: PreviewHost[];
  excluded: PlanPreview['excluded'];
  /** Hosts that belong to a rollout now, by its id. */
  owners: Map<string, number>;
}

/** Goes through all hosts, a piece at a time. */
export async function expectHosts(engine: Engine, drawing: Drawing): Promise<ExpectedHosts> {
  const found: ExpectedHosts = { batches: new Map(), hosts: [], excluded: [], owners: new Map() };
  const all = drawing.planned + drawing.excluded;
  for (let from = 0; from < all; from += AT_ONCE) {
    const hosts = await drawing.hosts(from, AT_ONCE);
    const known = await engine.ledger.read((queries) => lookUpHosts(queries, hosts));
    for (const host of hosts) note(found, drawing.operations, host, known);
    await nextTick();
  }
  return found;
}

type Known = Map<string, { owner: string | null; facts: string | null }>;

async function lookUpHosts(queries: Queries, hosts: NewHost[]): Promise<Known> {
  const names = hosts.map(({ name }) => name);
  if (names.length === 0) return new Map();
  const rows = await queries
    .selectFrom('host_registry')
    .select(['name', 'site', 'owner', 'facts'])
    .where('name', 'in', names)
    .limit(1000)
    .execute();
  return new Map(rows.map(({ name, site, ...row }) => [`${site}\n${name}`, row]));
}

function note(
  found: ExpectedHosts,
  operations: ResolvedOperation[],
  { name, site, batch, reason }: NewHost,
  known: Known,
): void {
  if (batch === null) {
    const why = fromJson<PlanPreview['excluded'][number]['reason']>(reason);
    if (why) found.excluded.push({ host: name, reason: why });
    return;
  }
  const names = found.batches.get(batch) ?? [];
  names.push(name);
  found.batches.set(batch, names);
  const row = known.get(`${site}\n${name}`);
  if (row?.owner) found.owners.set(row.owner, (found.owners.get(row.owner) ?? 0) + 1);
  const facts = fromJson<unknown>(row?.facts ?? null);
  found.hosts.push(previewHost({ host: name, batch }, expectKnown(facts, operations)));
}

/** One line of the preview; nothing expected: nobody knows. */
export function previewHost(
  where: { host: string; batch: number },
  expected: Expected | undefined,
  failure: Pick<PreviewHost, 'code' | 'message'> = NONE,
): PreviewHost {
  const { code, message } = failure;
  if (!expected) return { ...where, change: 'unknown', steps: [], bytes: null, code, message };
  const { steps, bytes, unfit } = expected;
  if (unfit) return { ...where, change: 'unfit', steps, bytes, ...unfit };
  const change = steps.length === 0 ? 'none' : 'some';
  return { ...where, change, steps, bytes, ...NONE };
}

const NONE = { code: null, message: null };

/** Hosts by what would become of them. */
export function countChanges(hosts: readonly PreviewHost[]): PlanPreview['changes'] {
  const counts = { none: 0, some: 0, unfit: 0, unknown: 0 };
  for (const { change } of hosts) counts[change] += 1;
  return counts;
}
