import { setImmediate as nextTick } from 'node:timers/promises';
import type { BundleNeeds } from '#api';
import type { Queries } from '#ledger';
import { FINAL_STATES } from '#rollout';
import { chunks } from '../chunks.ts';
import type { Engine } from '../engine.ts';
import { STAGING } from '../create/stage.ts';

/** What needs bundles, by their digests; those that nothing needs are not in it. */
export type Needs = Map<string, BundleNeeds>;

/**
 * Who needs bundles: rollouts that may still send them, previews that a rollout can be made of, and hosts that have
 * one or would have it again after a rollback. Hosts are read a page at a time.
 */
export async function readNeeds(engine: Engine): Promise<Needs> {
  const needs: Needs = new Map();
  await addRollouts(engine, needs);
  await addPlans(engine, needs);
  await addHosts(engine, needs);
  return needs;
}

/** Statements give no more rows. */
const AT_ONCE = 1000;

function needOf(needs: Needs, digest: string): BundleNeeds {
  const need = needs.get(digest) ?? { rollouts: [], plans: [], hosts: 0 };
  needs.set(digest, need);
  return need;
}

async function addRollouts({ ledger }: Engine, needs: Needs): Promise<void> {
  const rows = await ledger.read((queries) =>
    queries
      .selectFrom('rollouts')
      .select(['id', 'name', 'state', 'purpose', 'bundle_digest'])
      .where('bundle_digest', '<>', '')
      .where((where) =>
        where.or([where('purpose', '=', STAGING), where('state', 'not in', [...FINAL_STATES])]),
      )
      .orderBy('id')
      .limit(AT_ONCE)
      .execute(),
  );
  for (const { id, name, state, purpose, bundle_digest } of rows)
    needOf(needs, bundle_digest).rollouts.push({
      id,
      name,
      state: purpose === STAGING ? 'being created' : state,
    });
}

async function addPlans({ ledger }: Engine, needs: Needs): Promise<void> {
  const rows = await ledger.read((queries) =>
    queries
      .selectFrom('plans')
      .select(['id', 'bundle_digest'])
      .where('bundle_digest', 'is not', null)
      .orderBy('id', 'desc')
      .limit(AT_ONCE)
      .execute(),
  );
  for (const { id, bundle_digest } of rows)
    if (bundle_digest !== null) needOf(needs, bundle_digest).plans.push(id);
}

/** Each asks for its past too: others get their turn after so many. */
const HOSTS_AT_ONCE = 250;

async function addHosts({ ledger }: Engine, needs: Needs): Promise<void> {
  /** Hosts by what they have and what they had before: there are far fewer such pairs than hosts. */
  const pairs = new Map<string, { rollouts: string[]; hosts: number }>();
  let after = { name: '', site: '' };
  for (;;) {
    const rows = await ledger.read((queries) => hostsAfter(queries, after));
    for (const { changed_by, before } of rows) {
      const rollouts = [changed_by, before].filter((id) => id !== null);
      const pair = pairs.get(rollouts.join()) ?? { rollouts, hosts: 0 };
      pairs.set(rollouts.join(), { ...pair, hosts: pair.hosts + 1 });
    }
    const last = rows.at(-1);
    if (!last || rows.length < HOSTS_AT_ONCE) break;
    after = last;
    await nextTick();
  }
  const digests = await digestsOf(
    ledger,
    new Set([...pairs.values()].flatMap((each) => each.rollouts)),
  );
  for (const { rollouts, hosts } of pairs.values())
    for (const digest of new Set(rollouts.flatMap((id) => digests.get(id) ?? [])))
      needOf(needs, digest).hosts += hosts;
}

/** The bundle of each rollout; readings have none. */
async function digestsOf(
  ledger: Engine['ledger'],
  rollouts: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const some of chunks([...rollouts], 500)) {
    const rows = await ledger.read((queries) =>
      queries
        .selectFrom('rollouts')
        .select(['id', 'bundle_digest'])
        .where('id', 'in', some)
        .where('bundle_digest', '<>', '')
        .execute(),
    );
    for (const { id, bundle_digest } of rows) digests.set(id, bundle_digest);
  }
  return digests;
}

/** With the rollout that made of each host what it is, and the one before that a rollback would bring back. */
async function hostsAfter(queries: Queries, { name, site }: { name: string; site: string }) {
  return queries
    .selectFrom('host_registry as known')
    .select(['known.name', 'known.site', 'known.changed_by'])
    .select((row) =>
      row
        .selectFrom('rollout_hosts as past')
        .select('past.rollout')
        .whereRef('past.name', '=', 'known.name')
        .whereRef('past.site', '=', 'known.site')
        .where('past.changed', '=', 1)
        .whereRef('past.rollout', '<>', 'known.changed_by')
        .orderBy('past.epoch', 'desc')
        .limit(1)
        .as('before'),
    )
    .where('known.changed_by', 'is not', null)
    .where('known.name', '>=', name)
    .where((where) =>
      where.or([
        where('known.name', '>', name),
        where.and([where('known.name', '=', name), where('known.site', '>', site)]),
      ]),
    )
    .orderBy('known.name')
    .orderBy('known.site')
    .limit(HOSTS_AT_ONCE)
    .execute();
}
