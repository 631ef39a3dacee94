import type { Instant } from '#rollout';

const TURN = 90_000;

/** Two zones, each open for two turns of three, one after the other. */
export function isShut(host: number, now: Instant): boolean {
  return (Math.floor(now / TURN) + (host % 2)) % 3 === 0;
}

/** When the zone of a host that is shut opens. */
export function opensAfter(host: number, now: Instant): Instant {
  let at = Math.floor(now / TURN) * TURN;
  while (isShut(host, at)) at += TURN;
  return at;
}
