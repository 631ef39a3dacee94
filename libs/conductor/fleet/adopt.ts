import type { Actor, AdoptBody } from '#api';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import { audit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';

/** Lets the next claim of these hosts take them over from another fleet. Answers their names. */
export async function adopt(
  engine: Engine,
  by: Actor,
  { hosts, note }: AdoptBody,
): Promise<{ hosts: string[] }> {
  const patterns = [hosts].flat();
  const names = await engine.write(async (queries) => {
    const found = new Set<string>();
    const already = await countAdoptable(queries);
    for (const pattern of patterns)
      for (const name of await adoptMatching(queries, pattern)) found.add(name);
    if (found.size === 0) throw nobody(patterns);
    const before = { adoptable: already };
    const adoptable = await countAdoptable(queries);
    const after = { hosts: [...found].slice(0, 1000), count: found.size, adoptable };
    await audit(queries, engine.clock.now(), { by, verb: 'adopt', note, before, after });
    return [...found];
  });
  return { hosts: names };
}

/** Hosts whose next claim may take them over. */
async function countAdoptable(queries: Queries): Promise<number> {
  const { hosts } = await queries
    .selectFrom('host_registry')
    .select(({ fn }) => fn.countAll<number>().as('hosts'))
    .where('adopt', '=', 1)
    .executeTakeFirstOrThrow();
  return hosts;
}

async function adoptMatching(queries: Queries, pattern: string): Promise<string[]> {
  const all = pattern === 'all' || pattern === '*';
  const matching = new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`);
  const names: string[] = [];
  let after = '';
  for (;;) {
    let query = queries
      .selectFrom('host_registry')
      .select('name')
      .distinct()
      .where('name', '>', after)
      .orderBy('name')
      .limit(1000);
    if (!pattern.includes('*') && !all) query = query.where('name', '=', pattern);
    const rows = await query.execute();
    const some = rows.map(({ name }) => name).filter((name) => all || matching.test(name));
    if (some.length > 0)
      await queries
        .updateTable('host_registry')
        .set({ adopt: 1 })
        .where('name', 'in', some)
        .execute();
    names.push(...some);
    after = rows.at(-1)?.name ?? after;
    if (rows.length < 1000) return names;
  }
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function nobody(patterns: string[]): GofleetError {
  const message = `no known host matches ${patterns.slice(0, 5).join(', ')}`;
  return new GofleetError('no_hosts', message, {
    remedy: 'A host is known once a rollout has had it; look at GET /v1/fleet for the names.',
    errors: [{ path: 'hosts', message }],
  });
}
