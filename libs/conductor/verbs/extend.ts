import { GofleetError } from '#errors';
import { selectAll, selectNames, type Host, type Inventory } from '#inventory';
import type { Queries } from '#ledger';
import { planDigest, planRollout, type PlannedBatch, type RolloutView, type Verb } from '#rollout';
import { chunks } from '../chunks.ts';
import { insertBatches, insertNewHosts } from '../create/freeze.ts';
import {
  batchNumbers,
  domainOf,
  excludedHost,
  plannedHost,
  zoneOf,
  type Excluded,
} from '../create/host-rows.ts';
import { takeHosts } from '../create/ownership.ts';
import { pin, readKnownHosts, warnOfUnpinned } from '../create/pins.ts';
import type { Engine } from '../engine.ts';
import type { Frozen } from '../frozen.ts';
import type { Effect, Effected } from './effect.ts';
import { presentInventory } from './present-inventory.ts';
import { widened } from './widen.ts';
import { withdrawn } from './withdraw.ts';

type Extend = Extract<Verb, { kind: 'extend' }>;

/** Names looked up by one statement. */
const AT_ONCE = 500;

/** New hosts become new batches at the end. The inventory is read before the transaction. */
export async function prepareExtend(
  engine: Engine,
  rollout: string,
  verb: Extend,
): Promise<Effect> {
  const inventory = await presentInventory(engine, rollout, verb.inventory);
  const known = await readKnownHosts(engine.knownHosts);
  const hosts = selectAll(inventory, verb.targets).hosts.map((host) => pin(host, known));
  return async (queries, view) => {
    const frozen = await engine.frozen.of(queries, rollout);
    const added = await choose(queries, rollout, hosts);
    const planned = plan(frozen, verb, { hosts: added.hosts, inventory, view });
    const numbers = await insert(queries, rollout, { ...added, ...planned });
    if (view.owned) await takeHosts(queries, rollout);
    const strategy = await widened(queries, view, frozen, added.hosts.length);
    await rename(queries, rollout, { verb, frozen, ...added });
    return effected(
      { ...added, ...planned, numbers },
      {
        strategy,
        ...withdrawn(view, engine.clock.now()),
      },
    );
  };
}

/** Hosts that the rollout does not have yet, and those of them that are in quarantine. */
async function choose(
  queries: Queries,
  rollout: string,
  all: Host[],
): Promise<{ hosts: Host[]; excluded: Excluded[] }> {
  const there = new Set<string>();
  const apart = new Map<string, string>();
  for (const some of chunks(all, AT_ONCE)) {
    const names = some.map(({ name }) => name);
    const rows = await queries
      .selectFrom('rollout_hosts')
      .select('name')
      .where('rollout', '=', rollout)
      .where('name', 'in', names)
      .execute();
    for (const { name } of rows) there.add(name);
    const quarantined = await queries
      .selectFrom('quarantine')
      .selectAll()
      .where('host', 'in', names)
      .execute();
    for (const { host, who, note } of quarantined)
      apart.set(host, `in quarantine by ${who}${note ? `: ${note}` : ''}`);
  }
  const young = all.filter(({ name }) => !there.has(name));
  const hosts = young.filter(({ name }) => !apart.has(name));
  if (hosts.length === 0) throw nobodyNew(all.length);
  await refuseAddresses(queries, rollout, hosts);
  const excluded = young.flatMap((host) => {
    const message = apart.get(host.name);
    return message === undefined ? [] : [{ host, reason: { code: 'operator' as const, message } }];
  });
  return { hosts, excluded };
}

/** A machine that the rollout has under another name already. */
async function refuseAddresses(queries: Queries, rollout: string, hosts: Host[]): Promise<void> {
  for (const some of chunks(hosts, AT_ONCE)) {
    const addresses = new Map(
      some.map(({ name, connection }) => [`${connection.address}:${connection.port}`, name]),
    );
    const row = await queries
      .selectFrom('rollout_hosts')
      .select(['name', 'address'])
      .where('rollout', '=', rollout)
      .where('address', 'in', [...addresses.keys()])
      .executeTakeFirst();
    if (row) throw sameMachine(row.name, addresses.get(row.address) ?? '', row.address);
  }
}

/** The new hosts by the plan as it was written, with the last of its entries or with those that were sent. */
function plan(
  { plan: written, strategy }: Frozen,
  verb: Extend,
  { hosts, inventory, view }: { hosts: Host[]; inventory: Inventory; view: RolloutView },
) {
  const { budgets, timeouts, approval, startWithin } = written;
  if (!written.strategy || !budgets || !approval || startWithin === undefined) throw tooOld();
  const batches = verb.batches ?? written.strategy.batches.slice(-1);
  if (batches.some(({ size, hosts: pattern }) => size === undefined && !verb.batches && pattern))
    throw noSize();
  const { failureDomain } = written.strategy;
  const planned = planRollout(
    {
      budgets,
      timeouts,
      approval,
      startWithin,
      windows: view.strategy.windows,
      strategy: { ...written.strategy, batches },
      timezone: written.timezone,
      startAt: strategy.startAt,
    },
    hosts.map((host) => ({
      name: host.name,
      connection: host.connection,
      domain: domainOf(host, failureDomain),
      zone: zoneOf(host),
    })),
    {
      seed: `${view.id} ${view.batches.length}`,
      matching: (pattern) => new Set(selectNames(inventory, pattern)),
    },
  );
  return { planned, failureDomain, after: view.batches.length };
}

interface Inserted extends ReturnType<typeof plan> {
  hosts: Host[];
  excluded: Excluded[];
}

/** Numbers of the new batches. */
async function insert(
  queries: Queries,
  rollout: string,
  { hosts, excluded, planned, failureDomain, after }: Inserted,
): Promise<number[]> {
  const { last } = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('rollout', '=', rollout)
    .executeTakeFirstOrThrow();
  const first = (last ?? -1) + 1;
  const batches: PlannedBatch[] = planned.batches.map((batch) => ({
    ...batch,
    number: batch.number + after,
  }));
  const batchOf = batchNumbers(batches);
  const rows = planned.order.flatMap((place, at) => {
    const host = hosts[place];
    const batch = batchOf[at];
    if (!host || batch === undefined) return [];
    return [plannedHost(host, first + at, { batch, failureDomain })];
  });
  const aside = excluded.map((each, at) => excludedHost(each, first + rows.length + at));
  await insertNewHosts(queries, rollout, [...rows, ...aside]);
  await insertBatches(queries, rollout, batches);
  return batches.map(({ number }) => number);
}

/** What is frozen is more than it was: its name, its sites and what it shows as targets. */
async function rename(
  queries: Queries,
  rollout: string,
  {
    verb,
    frozen,
    hosts,
    excluded,
  }: Omit<Inserted, keyof ReturnType<typeof plan>> & {
    verb: Extend;
    frozen: Frozen;
  },
): Promise<void> {
  const row = await queries
    .selectFrom('rollouts')
    .select(['plan_digest', 'targets', 'excluded'])
    .where('id', '=', rollout)
    .executeTakeFirstOrThrow();
  const added = hosts.map(({ name, site, groups, connection }) => {
    return { name, site, groups, connection };
  });
  await queries
    .updateTable('rollouts')
    .set({
      plan_digest: planDigest({ schema: 1, before: row.plan_digest, batches: verb.batches, added }),
      targets: `${row.targets}, extended by ${verb.targets}`,
      excluded: row.excluded + excluded.length,
    })
    .where('id', '=', rollout)
    .execute();
  const sites = [...new Set([...frozen.sites, ...hosts.map(({ site }) => site)])].toSorted();
  await queries
    .updateTable('rollout_plans')
    .set({ frozen: JSON.stringify({ ...frozen, sites }) })
    .where('rollout', '=', rollout)
    .execute();
}

function effected(
  { hosts, excluded, planned, numbers }: Inserted & { numbers: number[] },
  change: Effected['change'],
): Effected {
  const warnings = [...planned.warnings, ...warnOfUnpinned(hosts)];
  const counts = { hosts: hosts.length, excluded: excluded.length, batches: numbers };
  return { change, answer: { extended: { ...counts, warnings } }, after: { extended: counts } };
}

function nobodyNew(matched: number): GofleetError {
  const message = `none of the ${matched} hosts that match is new to this rollout and out of quarantine`;
  return new GofleetError('no_hosts', message, {
    remedy: 'Name other targets; `retry` runs hosts of this rollout again.',
    errors: [{ path: 'targets', message: 'matches no new host' }],
  });
}

function sameMachine(there: string, added: string, address: string): GofleetError {
  return new GofleetError('duplicate_host', `${there} and ${added} are one host: ${address}`, {
    remedy: 'Name each host once.',
    errors: [{ path: 'targets', message: `${added} has the address of ${there}` }],
  });
}

function tooOld(): GofleetError {
  return new GofleetError('conflict', 'the plan was frozen by an earlier release', {
    remedy: 'Start another rollout for the new hosts.',
  });
}

function noSize(): GofleetError {
  const message = 'the last entry of the plan names its hosts, so it says nothing of new ones';
  return new GofleetError('invalid_request', message, {
    remedy: 'Send batches: `batches: [{ size: 50 }]`.',
    errors: [{ path: 'batches', message: 'is needed' }],
  });
}
