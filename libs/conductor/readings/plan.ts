import type { Host } from '#inventory';
import type { KnownTree } from '#operations';
import type { Frozen } from '../frozen.ts';

/** Hosts of a reading that are at work at once. */
export const MOST_AT_ONCE = 200;

const SECOND = 1000;
/** For all of a host: shorter than the pause between two looks at a lost one, so that none is looked at again. */
const HOST = 60 * SECOND;
const DAY = 24 * 3600 * SECOND;
/** What hashing all files of a host may take on a slow disk: for some thousands of them, and for all. */
const HASHING = { step: 600 * SECOND, host: 1800 * SECOND };

/** What is frozen with a reading: nothing that could stop it or change a host. `trees` are to be hashed there. */
export function planOfReading(hosts: Host[], trees?: KnownTree[]): Frozen {
  const patience = trees ? HASHING : { step: 30 * SECOND, host: HOST };
  return {
    schema: 1,
    reading: true,
    plan: {
      retries: { attempts: 2, backoff: SECOND, maxBackoff: 5 * SECOND },
      timeouts: { connect: 15 * SECOND, ...patience, batch: DAY },
      notify: [],
    },
    strategy: {
      concurrency: MOST_AT_ONCE,
      strict: false,
      inflight: 'drain',
      onTrip: 'pause',
      maxFailures: undefined,
      maxUnreachable: undefined,
      maxSameSignature: undefined,
      domains: {},
      windows: [],
      approval: { required: false, approvers: 1, expires: DAY },
      startAt: undefined,
      startWithin: DAY,
      planned: hosts.length,
      batchTimeout: DAY,
      hostTimeout: HOST,
    },
    operations: [],
    blobs: (trees ?? []).map(({ blob, size }) => ({ sha256: blob, size })),
    ...(trees && { trees }),
    sites: [...new Set(hosts.map(({ site }) => site))].sort(),
    warnings: [],
  };
}
