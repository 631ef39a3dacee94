import type { HostRow as LedgerHost, Queries, RegistryRow } from '#ledger';

type Registered = Pick<LedgerHost, 'name' | 'site'>;

export async function findRegistered(
  queries: Queries,
  { name, site }: Registered,
): Promise<RegistryRow | undefined> {
  return queries
    .selectFrom('host_registry')
    .selectAll()
    .where('name', '=', name)
    .where('site', '=', site)
    .executeTakeFirst();
}

export async function updateRegistered(
  queries: Queries,
  { name, site }: Registered,
  values: Partial<RegistryRow>,
): Promise<void> {
  await queries
    .updateTable('host_registry')
    .set(values)
    .where('name', '=', name)
    .where('site', '=', site)
    .execute();
}

/** After a rollback: the host is again what the rollout before made of it, which may be rolled back then. */
export async function forgetChange(queries: Queries, host: Registered): Promise<void> {
  const before = await queries
    .selectFrom('rollout_hosts')
    .select('rollout')
    .where('name', '=', host.name)
    .where('site', '=', host.site)
    .where('changed', '=', 1)
    .orderBy('epoch', 'desc')
    .limit(1)
    .executeTakeFirst();
  await updateRegistered(queries, host, { changed_by: before?.rollout ?? null });
}
