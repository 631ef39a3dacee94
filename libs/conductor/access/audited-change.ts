import { canonicalJson, type Change, type RolloutView } from '#rollout';

/** What a verb changed besides the state: numbers of the plan, and approvals. */
interface Moved {
  numbers?: Record<string, unknown>;
  approvals?: string[];
}

/** The same things before and after: only what is not as it was. */
export function auditedChange(view: RolloutView, change: Change): { before: Moved; after: Moved } {
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  const note = (name: string, was: unknown, is: unknown) => {
    if (is === undefined || canonicalJson([was]) === canonicalJson([is])) return;
    before[name] = was ?? null;
    after[name] = is;
  };
  for (const [name, is] of Object.entries(change.strategy ?? {}))
    note(name, Object.entries(view.strategy).find(([key]) => key === name)?.[1], is);
  for (const { number, numbers = {} } of change.batches) {
    const batch = view.batches.find((each) => each.number === number);
    const was = Object.entries(batch ?? {});
    for (const [name, is] of Object.entries(numbers))
      note(`batch ${number}: ${name}`, was.find(([key]) => key === name)?.[1], is);
  }
  const moved = Object.keys(after).length > 0;
  return {
    before: { ...(moved && { numbers: before }), ...approvals(change, view.approval) },
    after: {
      ...(moved && { numbers: after }),
      ...approvals(change, change.approval === 'none' ? undefined : change.approval),
    },
  };
}

function approvals(change: Change, approval: RolloutView['approval']): Pick<Moved, 'approvals'> {
  return change.approval === undefined ? {} : { approvals: approval?.by ?? [] };
}
