import type { Invitation } from '#api';
import type { Dispatch } from '#conductor';
import { GofleetError } from '#errors';

/** The queue of every site within this process, with its ways to fail. */
export interface VirtualQueue extends Dispatch {
  /** All that was ever invited, in order. */
  readonly invited: Invitation[];
  /** Nobody can reach it. */
  down: boolean;
  /** The invitation that waits longest at a site; while somebody works on it, it is not added again. */
  take(site: string): Invitation | undefined;
  /** What was taken is done with. */
  done(invitation: Invitation): void;
  /** Called whenever a site has invitations; the result ends that. */
  listen(site: string, call: () => void): () => void;
  /** Everything in it is lost, as after FLUSHALL. */
  flush(): void;
}

export function createQueue(): VirtualQueue {
  const waiting = new Map<string, Invitation[]>();
  const known = new Set<string>();
  const listeners = new Map<string, Set<() => void>>();
  const invited: Invitation[] = [];
  const queue: VirtualQueue = {
    invited,
    down: false,
    async invite(site, invitations) {
      await queue.ping();
      invited.push(...invitations);
      const added = invitations.filter((each) => !known.has(idOf(each)));
      for (const each of added) known.add(idOf(each));
      waiting.set(site, [...(waiting.get(site) ?? []), ...added]);
      for (const call of listeners.get(site) ?? []) call();
    },
    async missing(_, invitations) {
      await queue.ping();
      return invitations.filter((each) => !known.has(idOf(each)));
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
    done: (invitation) => known.delete(idOf(invitation)),
    flush() {
      waiting.clear();
      known.clear();
    },
  };
  return queue;
}

/** As the real queue names its jobs. */
function idOf({ rollout, host, delivery }: Invitation): string {
  return `${rollout}.${host}.${delivery}`;
}
