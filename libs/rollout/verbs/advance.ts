import { waitOf } from './allowed-actions.ts';
import type { Moment } from '../view/asking.ts';
import type { Change } from '../view/change.ts';
import { currentBatch } from '../view/current-batch.ts';
import { conflict } from './refusals.ts';
import { stay } from '../rules/roll-back.ts';

/** Ends the present delay, bake or wait for a window, and no other; the checks after a bake still come. */
export function planAdvance(view: Moment): Change {
  const number = currentBatch(view)?.number ?? 0;
  const waits = waitOf(view, view.now);
  switch (waits) {
    case 'bake':
      return { ...stay(view), batches: [{ number, bakeUntil: view.now }] };
    case 'delay':
      return { ...stay(view), batches: [{ number, waiveDelay: true }] };
    case 'window':
      return waiveWindow(view);
    case undefined:
      throw conflict(view, 'there is no delay, bake or window that it waits for');
    default:
      throw new TypeError(waits satisfies never);
  }
}

/** Hosts start outside their windows until the next one opens. */
function waiveWindow(view: Moment): Change {
  const until = view.window?.opensAt;
  if (until === undefined)
    throw conflict(view, 'no window opens any more, so there is no wait to end');
  return { ...stay(view), reason: undefined, windowWaivedUntil: until };
}
