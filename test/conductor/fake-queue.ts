import type { Invitation } from '#api';
import type { Dispatch } from '#conductor';
import { GofleetError } from '#errors';

/** The queue within this process, with its ways to fail. */
export interface FakeQueue extends Dispatch {
  /** All that was ever invited, in order. */
  readonly invited: Invitation[];
  down: boolean;
  take(site: string): Invitation | undefined;
  /** As FLUSHALL. */
  flush(): void;
}

export function createFakeQueue(): FakeQueue {
  const waiting = new Map<string, Invitation[]>();
  const invited: Invitation[] = [];
  const same = (a: Invitation, b: Invitation) =>
    a.rollout === b.rollout && a.host === b.host && a.delivery === b.delivery;
  const queue: FakeQueue = {
    invited,
    down: false,
    async invite(site, invitations) {
      await queue.ping();
      invited.push(...invitations);
      waiting.set(site, [...(waiting.get(site) ?? []), ...invitations]);
    },
    async missing(site, invitations) {
      await queue.ping();
      const there = waiting.get(site) ?? [];
      return invitations.filter((each) => !there.some((other) => same(each, other)));
    },
    async ping() {
      if (queue.down) throw new GofleetError('unavailable', 'no queue', { remedy: 'wait' });
    },
    take: (site) => waiting.get(site)?.shift(),
    flush: () => waiting.clear(),
  };
  return queue;
}
