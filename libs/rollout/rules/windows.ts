import type { Milliseconds } from '#units';
import { Temporal } from 'temporal-polyfill';
import { WEEKDAYS, type Window } from '../planning/plan.ts';
import type { Instant } from '../view/view.ts';

/** Where the clock on the wall is read. */
export interface Zones {
  /** The `timezone` of the plan; undefined: UTC. */
  planZone: string | undefined;
  /** The variable `timezone` of the host; undefined where it has none. */
  hostZone: string | undefined;
}

/** Whether a host may start; the answer holds until `shutsAt`, or until `opensAt`. */
export interface WindowState {
  open: boolean;
  /** While shut: when a host may start next; undefined where that is never. */
  opensAt: Instant | undefined;
  /** While open: the last instant at which a host may start. */
  shutsAt: Instant | undefined;
}

/** Far enough for every day of the week to come twice, should a change of the clock cut the first one short. */
const DAYS_AHEAD = 14;

/**
 * A host may start while some window is open, if the time that a host may take ends before that window does. Without
 * windows it may at any time.
 */
export function windowAt(
  windows: readonly Window[],
  zones: Zones,
  now: Instant,
  hostTimeout: Milliseconds,
): WindowState {
  if (windows.length === 0) return { open: true, opensAt: undefined, shutsAt: undefined };
  const spans = windows.map((window) => startsOf(window, zoneOf(window, zones), now, hostTimeout));
  const open = spans.flatMap(({ last }) => last ?? []);
  if (open.length > 0) return { open: true, opensAt: undefined, shutsAt: Math.max(...open) };
  const next = spans.flatMap(({ next: first }) => first ?? []);
  const opensAt = next.length === 0 ? undefined : Math.min(...next);
  return { open: false, opensAt, shutsAt: undefined };
}

/** The zone in which a window is meant for a host. */
export function zoneOf({ timezone }: Window, { planZone, hostZone }: Zones): string {
  const plans = planZone ?? 'UTC';
  return timezone === 'host' ? (hostZone ?? plans) : (timezone ?? plans);
}

/** Of one window: the last instant to start where it is open now, else the next first instant. */
function startsOf(
  window: Window,
  zone: string,
  now: Instant,
  hostTimeout: Milliseconds,
): { last?: Instant; next?: Instant } {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  for (let day = -1; day <= DAYS_AHEAD; day++) {
    const date = today.add({ days: day });
    if (!beginsOn(window, date)) continue;
    const from = instantOf(date, window.from, zone);
    const last = instantOf(endDate(window, date), window.to, zone) - hostTimeout;
    if (last < from || last < now) continue;
    return from <= now ? { last } : { next: from };
  }
  return {};
}

function beginsOn({ days }: Window, date: Temporal.PlainDate): boolean {
  const weekday = WEEKDAYS[date.dayOfWeek - 1];
  return !days || (weekday !== undefined && days.includes(weekday));
}

/** Written `HH:MM`, so that text compares as time does. */
function endDate({ from, to }: Window, date: Temporal.PlainDate): Temporal.PlainDate {
  return to <= from ? date.add({ days: 1 }) : date;
}

/** A local time that does not exist is the next that does; of one that comes twice it is the first. */
function instantOf(date: Temporal.PlainDate, time: string, zone: string): Instant {
  const local = date.toPlainDateTime(time);
  const found = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(local)) return found.epochMilliseconds;
  const gapEnd = found.getTimeZoneTransition('next');
  return (gapEnd ?? found).epochMilliseconds;
}
