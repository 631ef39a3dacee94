import type { Queries } from '#ledger';
import type { SignatureTally } from '#rollout';

/** Failures of a rollout by what they share, the most first. Hosts that were rolled back since still count. */
export async function loadSignatures(queries: Queries, rollout: string): Promise<SignatureTally[]> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(['signature', 'batch', 'acknowledged', 'covered_by', 'message'])
    .where('rollout', '=', rollout)
    .where('signature', 'is not', null)
    .where('outcome', 'in', ['failed', 'lost', 'unreachable'])
    .orderBy('ended_at', 'desc')
    .execute();
  const alike = Map.groupBy(rows, ({ signature }) => signature ?? '');
  return [...alike]
    .map(([signature, of]) => {
      const open = of.filter(({ acknowledged }) => acknowledged === 0);
      return {
        signature,
        message: of[0]?.message ?? '',
        open: open.length,
        covered: open.filter(({ covered_by }) => covered_by !== null).length,
        acknowledged: of.length - open.length,
        batch: of[0]?.batch ?? 0,
      };
    })
    .toSorted((a, b) => b.open - a.open);
}
