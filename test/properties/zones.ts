import type { Instant } from '#rollout';

const TURN = 60_000;

/** Two zones, each shut for two turns of four: now one, now both, now none. */
export function isShut(host: number, now: Instant): boolean {
  return (Math.floor(now / TURN) + (host % 2)) % 4 < 2;
}

/** When the zone of a host that is shut opens. */
export function opensAfter(host: number, now: Instant): Instant {
  let at = Math.floor(now / TURN) * TURN;
  while (isShut(host, at)) at += TURN;
  return at;
}
