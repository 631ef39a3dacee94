import { setImmediate as nextTick } from 'node:timers/promises';
import type { Connection, Host } from '#inventory';
import type { Ledger, Queries } from '#ledger';

/** Names of one look at the ledger: the event loop gets its turn in between. */
const AT_ONCE = 200;

/**
 * Every host that a rollout has had and whose name matches, with the connection that its newest rollout froze. Of one
 * name at several sites the one of the newest rollout.
 */
export async function knownHosts(ledger: Ledger, patterns: string[]): Promise<Host[]> {
  const matches = patterns.map(matcherOf);
  const hosts: Host[] = [];
  let after: string | undefined = '';
  while (after !== undefined) {
    const from: string = after;
    const page = await ledger.read((queries) => somePage(queries, from, matches));
    hosts.push(...page.hosts);
    after = page.last;
    await nextTick();
  }
  return hosts;
}

type Matcher = (name: string) => boolean;

/** The hosts that match among the next names; `last` is undefined at the end. */
async function somePage(queries: Queries, after: string, matches: Matcher[]) {
  const hosts: Host[] = [];
  const rows = await queries
    .selectFrom('host_registry')
    .select('name')
    .distinct()
    .where('name', '>', after)
    .orderBy('name')
    .limit(AT_ONCE)
    .execute();
  for (const { name } of rows) {
    if (!matches.some((isMatch) => isMatch(name))) continue;
    const host = await newestOf(queries, name);
    if (host) hosts.push(host);
  }
  return { hosts, last: rows.length < AT_ONCE ? undefined : rows.at(-1)?.name };
}

/** Ids of rollouts grow with time. */
async function newestOf(queries: Queries, name: string): Promise<Host | undefined> {
  const row = await queries
    .selectFrom('rollout_hosts')
    .innerJoin('host_specs', (join) =>
      join
        .onRef('host_specs.rollout', '=', 'rollout_hosts.rollout')
        .onRef('host_specs.number', '=', 'rollout_hosts.number'),
    )
    .innerJoin('rollouts', 'rollouts.id', 'rollout_hosts.rollout')
    .select(['site', 'groups', 'connection'])
    .where('rollout_hosts.name', '=', name)
    .where('purpose', '=', 'rollout')
    .orderBy('rollout_hosts.rollout', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toHost(name, row);
}

function toHost(name: string, row: { site: string; groups: string; connection: string }): Host {
  return {
    name,
    site: row.site,
    groups: JSON.parse(row.groups) as string[],
    vars: {},
    connection: JSON.parse(row.connection) as Connection,
  };
}

/** `all` and `*` match every name; a `*` within a pattern stands for any characters. */
export function matcherOf(pattern: string): Matcher {
  if (pattern === 'all') return () => true;
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const matching = new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`);
  return (name) => matching.test(name);
}
