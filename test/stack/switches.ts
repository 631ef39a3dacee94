import { lstatSync } from 'node:fs';
import type { LabHost } from '../lab/index.ts';

export interface Switches extends Disposable {
  /** How often the link of each host was put in place. */
  seen: Map<string, number>;
  /** Settles at the first switch of any of the hosts. */
  first(): Promise<void>;
}

/** Counts how often the one link of each host was put in place, by looking at it from outside. */
export function watchSwitches(hosts: LabHost[]): Switches {
  const last = new Map(hosts.map((host) => [host.name, linkOf(host)]));
  const seen = new Map(hosts.map((host) => [host.name, 0]));
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    for (const host of hosts) {
      const now = linkOf(host);
      if (now === last.get(host.name)) continue;
      last.set(host.name, now);
      seen.set(host.name, (seen.get(host.name) ?? 0) + 1);
      resolve();
    }
  }, 4);
  return {
    seen,
    first: () => promise,
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

/** The inode of the link: rename(2) of a new one changes it, also where it points to the same. */
function linkOf(host: LabHost): number | undefined {
  return lstatSync(host.path('/opt/gofleet/current'), { throwIfNoEntry: false })?.ino;
}
