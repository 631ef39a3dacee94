import { GofleetError } from '#errors';
import type { Facts } from '../host/facts.ts';
import type { HostFault, Task } from '../task.ts';
import { unfitnessOf } from '../unfit.ts';

/** Everything that a rollout would fail on with these facts, by the code that it would fail with. */
export function faultsOf(found: Facts, task: Task): HostFault[] {
  const faults = [...unfitnessOf(found), ...platformFault(found), ...foreign(found, task)];
  return faults.map(({ code, message, remedy }) => ({ code, message, remedy }));
}

function platformFault({ os, arch, machine }: Facts): GofleetError[] {
  if (os === 'linux' && arch !== undefined) return [];
  const remedy = 'Leave this host out of the targets.';
  return [new GofleetError('platform', `there is no Go for ${os} on ${machine}`, { remedy })];
}

function foreign({ state }: Facts, { fleet }: Task): GofleetError[] {
  if (state === undefined || state.fleet === fleet) return [];
  const message = `the host belongs to fleet ${state.fleet} (epoch ${state.epoch})`;
  const remedy =
    'Work on it from the controller it belongs to, or `gofleet hosts adopt` it, as an admin.';
  return [new GofleetError('foreign_fleet', message, { remedy })];
}
