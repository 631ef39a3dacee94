import { CompiledQuery } from 'kysely';
import type { Queries } from './types.ts';

const AT_ONCE = 50;

/** Gives hosts to a rollout, those that nobody knows yet too. Answers how many belonged to none before. */
export async function takeRegistered(
  queries: Queries,
  rollout: string,
  hosts: readonly { name: string; site: string }[],
): Promise<number> {
  let taken = 0;
  for (let at = 0; at < hosts.length; at += AT_ONCE) {
    const some = hosts.slice(at, at + AT_ONCE);
    const text =
      `INSERT INTO host_registry (name, site, epoch, owner, adopt) VALUES ` +
      `${some.map(() => '(?, ?, 0, ?, 0)').join(', ')} ON CONFLICT (name, site) ` +
      `DO UPDATE SET owner = excluded.owner WHERE host_registry.owner IS NULL`;
    const values = some.flatMap(({ name, site }) => [name, site, rollout]);
    const { numAffectedRows } = await queries.executeQuery(CompiledQuery.raw(text, values));
    taken += Number(numAffectedRows ?? 0);
  }
  return taken;
}
