import { prepared, type Queries } from '#ledger';
import type { RolloutView } from '#rollout';

/** The freeze that holds now; undefined where none does. */
export async function loadFreeze(queries: Queries): Promise<RolloutView['freeze']> {
  const [row] = await freezes(queries, {});
  return (
    row && {
      reason: { code: 'freeze', message: `frozen by ${row.who}: ${row.note}` },
      rollbacks: row.rollbacks === 1,
    }
  );
}

const freezes = prepared((queries) =>
  queries
    .selectFrom('freezes')
    .select(['who', 'note', 'rollbacks'])
    .where('ended_at', 'is', null)
    .limit(1),
);
