import type { Change } from '../view/change.ts';

/** Hosts at work end by themselves, or are told to stop at the next safe point. */
export function stopping(inflight: 'drain' | 'cancel'): Change['hosts'] {
  return inflight === 'cancel' ? [{ select: { states: ['running'] }, set: 'stop' }] : [];
}
