import { setImmediate as nextTick } from 'node:timers/promises';
import type { HostRefreshed } from '#api';
import { selectAll, toHost, type Host, type Inventory } from '#inventory';
import type { Queries } from '#ledger';
import { planDigest, type Verb } from '#rollout';
import { excludedHost } from '../create/host-rows.ts';
import { pin, readKnownHosts } from '../create/pins.ts';
import type { Engine } from '../engine.ts';
import { compareHosts, type Refreshable } from './compare-hosts.ts';
import type { Effect, Effected } from './effect.ts';
import { presentInventory } from './present-inventory.ts';
import { withdrawn } from './withdraw.ts';

type Refresh = Extract<Verb, { kind: 'refresh' }>;

/** Hosts compared in one turn of the event loop. */
const AT_ONCE = 500;

/**
 * Reads how hosts are reached from the inventory as it is now. All reading is done before the transaction: what it
 * changes then is only what differs, and no host that is at work.
 */
export async function prepareRefresh(
  engine: Engine,
  rollout: string,
  verb: Refresh,
): Promise<Effect> {
  const inventory = await presentInventory(engine, rollout, verb.inventory);
  const known = await readKnownHosts(engine.knownHosts);
  const wanted = verb.hosts && new Set(verb.hosts);
  const find = findIn(inventory, verb.hosts);
  const found: Compared[] = [];
  let after = -1;
  for (;;) {
    const page = await engine.ledger.read((queries) => frozenHosts(queries, rollout, after));
    for (const host of page.filter(({ name }) => wanted?.has(name) ?? true)) {
      const fresh = find(host.name);
      found.push(...compare(host, fresh && pin(fresh, known)));
    }
    after = page.at(-1)?.number ?? after;
    if (page.length < AT_ONCE) break;
    await nextTick();
  }
  return async (queries, view) => {
    const refresh: HostRefreshed[] = [];
    for (const each of found) refresh.push(await store(queries, rollout, each));
    return effected(queries, rollout, {
      refresh,
      change: refresh.some(isTaken) ? withdrawn(view, engine.clock.now()) : {},
    });
  };
}

/** Those that are named are looked up by themselves: what is wrong with others is no matter then. */
function findIn(inventory: Inventory, named: string[] | undefined) {
  if (named) return (name: string) => toHost(inventory, name);
  const all = new Map(selectAll(inventory, 'all').hosts.map((host) => [host.name, host]));
  return (name: string) => all.get(name);
}

interface FrozenHost extends Refreshable {
  number: number;
  name: string;
  site: string;
}

async function frozenHosts(
  queries: Queries,
  rollout: string,
  after: number,
): Promise<FrozenHost[]> {
  return queries
    .selectFrom('rollout_hosts')
    .innerJoin('host_specs', (join) =>
      join
        .onRef('host_specs.rollout', '=', 'rollout_hosts.rollout')
        .onRef('host_specs.number', '=', 'rollout_hosts.number'),
    )
    .select(['rollout_hosts.number', 'name', 'site', 'zone', 'credential'])
    .select(['groups', 'connection', 'traits'])
    .where('rollout_hosts.rollout', '=', rollout)
    .where('rollout_hosts.batch', 'is not', null)
    .where('rollout_hosts.number', '>', after)
    .orderBy('rollout_hosts.number')
    .limit(AT_ONCE)
    .execute();
}

interface Compared extends HostRefreshed {
  number: number;
  fresh?: Host;
}

function compare(host: FrozenHost, fresh: Host | undefined): Compared[] {
  const { number, name, site } = host;
  if (!fresh)
    return [{ number, host: name, changes: [], leftAlone: 'it is not in the inventory any more' }];
  if (fresh.site !== site) {
    const changes = [{ key: 'site', before: site, after: fresh.site }];
    const leftAlone = 'its site changed: skip it, and extend the rollout by it under another name';
    return [{ number, host: name, changes, leftAlone }];
  }
  const changes = compareHosts(host, excludedHost({ host: fresh, reason: NONE }, number));
  return changes.length === 0 ? [] : [{ number, host: name, changes, fresh }];
}

const NONE = { code: 'operator', message: '' } as const;

async function store(
  queries: Queries,
  rollout: string,
  { number, host, changes, leftAlone, fresh }: Compared,
): Promise<HostRefreshed> {
  if (!fresh) return { host, changes, ...(leftAlone !== undefined && { leftAlone }) };
  const row = excludedHost({ host: fresh, reason: NONE }, number);
  const { address, zone, credential, groups, connection, traits } = row;
  const { numUpdatedRows } = await queries
    .updateTable('rollout_hosts')
    .set({ address, zone, credential })
    .where('rollout', '=', rollout)
    .where('number', '=', number)
    .where('work', '<>', 'claimed')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return { host, changes, leftAlone: 'it is at work' };
  await queries
    .updateTable('host_specs')
    .set({ groups, connection, traits })
    .where('rollout', '=', rollout)
    .where('number', '=', number)
    .execute();
  return { host, changes };
}

function isTaken({ leftAlone }: HostRefreshed): boolean {
  return leftAlone === undefined;
}

/** What is frozen has another name from now on. */
async function effected(
  queries: Queries,
  rollout: string,
  { refresh, change }: { refresh: HostRefreshed[]; change: Effected['change'] },
): Promise<Effected> {
  const taken = refresh.filter(isTaken);
  if (taken.length > 0) {
    const { plan_digest: before } = await queries
      .selectFrom('rollouts')
      .select('plan_digest')
      .where('id', '=', rollout)
      .executeTakeFirstOrThrow();
    const plan_digest = planDigest({ schema: 1, before, refreshed: taken });
    await queries.updateTable('rollouts').set({ plan_digest }).where('id', '=', rollout).execute();
  }
  return {
    change,
    answer: { refresh },
    after: { refreshed: taken.length, leftAlone: refresh.length - taken.length },
  };
}
