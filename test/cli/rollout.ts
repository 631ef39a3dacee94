import type { Batch, Counts, Rollout } from '#api';

export function countsOf(counts: Partial<Counts> = {}): Counts {
  return {
    planned: 0,
    pending: 0,
    queued: 0,
    running: 0,
    succeeded: 0,
    unchanged: 0,
    failed: 0,
    unreachable: 0,
    lost: 0,
    cancelled: 0,
    skipped: 0,
    excluded: 0,
    rollingBack: 0,
    rolledBack: 0,
    rollbackFailed: 0,
    acknowledged: 0,
    ...counts,
  };
}

export function batchOf(batch: Partial<Batch> = {}): Batch {
  return {
    number: 1,
    state: 'pending',
    size: 3,
    delay: '0s',
    maxFailures: 1,
    maxUnreachable: null,
    tripsAt: 2,
    startedAt: null,
    passedAt: null,
    bake: '0s',
    bakeUntil: null,
    approval: false,
    reason: null,
    counts: countsOf({ planned: 3, pending: 3 }),
    ...batch,
  };
}

/** A rollout of the build farm, paused by its second batch, with what differs. */
export function rolloutOf(rollout: Partial<Rollout> = {}): Rollout {
  return {
    id: '01JEXAMPLE',
    name: 'go-1.21.5-build-farm',
    labels: {},
    state: 'paused',
    reason: {
      code: 'failure_budget',
      message: 'batch 2: 2 failed of 4, 1 tolerated',
      decision: 17,
    },
    planDigest: 'sha256:abc',
    bundle: { name: 'go-1.21.5', digest: 'def' },
    playbook: 'install-go',
    inventory: 'production',
    targets: 'build',
    requester: 'alice',
    createdAt: '2026-12-01T01:00:00.000Z',
    startedAt: '2026-12-01T01:00:01.000Z',
    finishedAt: null,
    eta: null,
    percentComplete: 58.3,
    currentBatch: 2,
    counts: countsOf({ planned: 12, succeeded: 5, unchanged: 1, failed: 2, pending: 5 }),
    batches: [
      batchOf({ state: 'passed', counts: countsOf({ planned: 3, succeeded: 3 }) }),
      batchOf({
        number: 2,
        state: 'tripped',
        size: 4,
        counts: countsOf({ planned: 4, succeeded: 2, failed: 2 }),
      }),
      batchOf({ number: 3, size: 5, counts: countsOf({ planned: 5, pending: 5 }) }),
    ],
    allowedActions: ['resume', 'rollback', 'abort', 'retry', 'skip', 'refresh', 'extend'],
    numbers: {
      concurrency: 50,
      strict: false,
      inflight: 'drain',
      onTrip: 'pause',
      maxFailures: 2,
      maxUnreachable: null,
      maxSameSignature: null,
      startAt: null,
      windows: [],
    },
    approval: null,
    waits: [],
    supersedes: null,
    warnings: [],
    ...rollout,
  };
}
