/** Milliseconds that a claim is the worker's without a word of it. */
export const LEASE = 15_000;
/** A worker that was not heard of for so long counts as gone. */
export const SILENCE = 15_000;
/** Hosts `queued` for longer are looked after in the queue. */
export const REDELIVER_AFTER = 10_000;
/** Between two tries of a rollback, and between two looks at a lost host. */
export const TRY_AGAIN = 60_000;
/** A site is held so long after a fault of our own side. */
export const HOLD = 30_000;
