import type { HostRow, SignatureTally } from '#rollout';

/** Failures by what they share, as a ledger counts them. */
export function tallySignatures(hosts: readonly HostRow[]): SignatureTally[] {
  const failed = hosts.filter(({ outcome }) => outcome !== undefined && outcome !== 'succeeded');
  return [...Map.groupBy(failed, ({ signature }) => signature ?? '')]
    .map(([signature, rows]) => {
      const open = rows.filter(({ acknowledged }) => !acknowledged);
      return {
        signature,
        message: signature,
        open: open.length,
        covered: open.filter(({ coveredBy }) => coveredBy !== undefined).length,
        acknowledged: rows.length - open.length,
        batch: rows.at(-1)?.batch ?? 0,
      };
    })
    .toSorted((one, other) => other.open - one.open);
}
