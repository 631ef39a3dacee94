import type { Invitation } from './types.ts';

/** The queue of a site: BullMQ allows no colon in names. */
export function queueName(site: string): string {
  return `site-${encodeURIComponent(site)}`;
}

/** The same invitation has the same id, so that adding it twice is adding it once. */
export function jobId({ rollout, host, delivery }: Invitation): string {
  return `${rollout}.${host}.${delivery}`;
}
