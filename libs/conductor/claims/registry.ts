import {
  findRow,
  updateRow,
  type HostRow as LedgerHost,
  type Queries,
  type RegistryRow,
} from '#ledger';

type Registered = Pick<LedgerHost, 'name' | 'site'>;

export async function findRegistered(
  queries: Queries,
  { name, site }: Registered,
): Promise<RegistryRow | undefined> {
  return findRow(queries, 'host_registry', { name, site });
}

export async function updateRegistered(
  queries: Queries,
  { name, site }: Registered,
  values: Partial<RegistryRow>,
): Promise<void> {
  await updateRow(queries, 'host_registry', { name, site }, values);
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
