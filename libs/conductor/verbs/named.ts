import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { HostState, NamedHost } from '#rollout';
import { chunks } from '../chunks.ts';

const AT_ONCE = 500;

/** The hosts that a verb names. Throws `invalid_request` for names that the rollout does not have. */
export async function findNamed(
  queries: Queries,
  rollout: string,
  names: string[] | undefined,
): Promise<NamedHost[]> {
  const found: NamedHost[] = [];
  const wanted = [...new Set(names ?? [])];
  for (const some of chunks(wanted, AT_ONCE)) {
    const rows = await queries
      .selectFrom('rollout_hosts')
      .select(['number', 'batch', 'state', 'name'])
      .where('rollout', '=', rollout)
      .where('batch', 'is not', null)
      .where('name', 'in', some)
      .execute();
    found.push(
      ...rows.map(({ number, batch, state, name }) => ({
        number,
        name,
        batch: batch ?? 0,
        state: state as HostState,
      })),
    );
  }
  const known = new Set(found.map(({ name }) => name));
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0) throw noSuchHosts(unknown);
  return found.toSorted((a, b) => a.number - b.number);
}

function noSuchHosts(names: string[]): GofleetError {
  const message = `not in this rollout: ${names.slice(0, 5).join(', ')}`;
  return new GofleetError('invalid_request', message, {
    remedy: 'Name hosts of this rollout (`gofleet rollout hosts`).',
    errors: [{ path: 'hosts', message }],
  });
}
