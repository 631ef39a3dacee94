import type { Invitation } from '#api';
import type { Dispatch } from '#conductor';
import { GofleetError } from '#errors';

/** The queue of every site within this process, with its ways to fail. */
export interface VirtualQueue extends Dispatch {
  /** All that was ever invited, in order. */
  readonly invited: Invitation[];
  /** Nobody can reach it. */
  down: boolean;
  /** The invitation that waits longest at a site. */
  take(site: string): Invitation | undefined;
  /** Called whenever a site has invitations; the result ends that. */
  listen(site: string, call: () => void): () => void;
  /** Everything in it is lost, as after FLUSHALL. */
  flush(): void;
}

export function createQueue(): VirtualQueue {
  const waiting = new Map<string, Invitation[]>();
  const listeners = new Map<string, Set<() => void>>();
  const invited: Invitation[] = [];
  const same = (a: Invitation, b: Invitation): boolean =>
    a.rollout === b.rollout && a.host === b.host && a.delivery === b.delivery;
  const queue: VirtualQueue = {
    invited,
    down: false,
    async invite(site, invitations) {
      await queue.ping();
      invited.push(...invitations);
      waiting.set(site, [...(waiting.get(site) ?? []), ...invitations]);
      for (const call of listeners.get(site) ?? []) call();
    },
    async missing(site, invitations) {
      await queue.ping();
      const there = waiting.get(site) ?? [];
      return invitations.filter((each) => !there.some((other) => same(each, other)));
    },
    async ping() {
      if (!queue.down) return;
      throw new GofleetError('unavailable', 'the queue does not answer', {
        remedy: 'Nothing: it is asked again.',
      });
    },
    take: (site) => (queue.down ? undefined : waiting.get(site)?.shift()),
    listen(site, call) {
      const all = listeners.get(site) ?? new Set();
      listeners.set(site, all.add(call));
      return () => all.delete(call);
    },
    flush: () => waiting.clear(),
  };
  return queue;
}
