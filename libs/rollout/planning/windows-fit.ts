import { GofleetError } from '#errors';
import { formatDuration, type Milliseconds } from '#units';
import type { PlannedHost } from './duplicates.ts';
import type { RolloutPlan, Window } from './plan.ts';
import { isTimezone } from './plan-values.ts';

const DAY = 24 * 3_600_000;

/** Throws `invalid_file` where no host could ever start: no window is long enough, or nobody knows the zone of one. */
export function refuseWindows(
  plan: Pick<RolloutPlan, 'windows' | 'timeouts' | 'timezone'>,
  hosts: readonly PlannedHost[],
): void {
  const { windows, timeouts } = plan;
  if (windows.length === 0) return;
  const longest = Math.max(...windows.map(lengthOf));
  if (longest < timeouts.host) throw tooShort(timeouts.host, longest);
  const hostWindow = windows.findIndex(({ timezone }) => timezone === 'host');
  if (hostWindow === -1) return;
  const zones = new Set(hosts.flatMap(({ zone }) => zone ?? []));
  const wrong = new Set([...zones].filter((zone) => !isTimezone(zone)));
  const unknown = hosts.filter(({ zone }) => zone !== undefined && wrong.has(zone));
  if (unknown.length > 0) throw unknownZone(hostWindow, unknown);
  const without = hosts.filter(({ zone }) => zone === undefined);
  if (without.length > 0 && plan.timezone === undefined) throw noZone(hostWindow, without);
}

/** By the clock on the wall; a change of that clock makes one of them shorter or longer. */
function lengthOf({ from, to }: Window): Milliseconds {
  const length = minutesOf(to) - minutesOf(from);
  return length > 0 ? length * 60_000 : length * 60_000 + DAY;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function tooShort(wanted: Milliseconds, longest: Milliseconds): GofleetError {
  const message = `${formatDuration(wanted)} fits in no window: the longest is ${formatDuration(longest)}`;
  return new GofleetError('invalid_file', `timeouts.host: ${message}`, {
    remedy: 'Make a window longer, or shorten `timeouts.host`: a host starts only if it fits.',
    errors: [{ path: 'timeouts.host', message }],
  });
}

function unknownZone(window: number, hosts: PlannedHost[]): GofleetError {
  const [first] = hosts;
  const message = `timezone of ${named(hosts)} is "${first?.zone}", which the time zone database does not know`;
  return new GofleetError('invalid_file', message, {
    remedy: 'Write a name such as Asia/Shanghai or UTC.',
    errors: [{ path: `windows[${window}].timezone`, message }],
  });
}

function noZone(window: number, hosts: PlannedHost[]): GofleetError {
  const message = `the window is in the time zone of each host, and neither ${named(hosts)} nor the plan has one`;
  return new GofleetError('invalid_file', message, {
    remedy: 'Give these hosts the variable `timezone`, or the plan a `timezone`.',
    errors: [{ path: `windows[${window}].timezone`, message }],
  });
}

function named(hosts: PlannedHost[]): string {
  const names = hosts.slice(0, 5).map(({ name }) => name);
  const more = hosts.length > names.length ? `, and ${hosts.length - names.length} more` : '';
  return names.join(', ') + more;
}
