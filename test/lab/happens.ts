import { once, type EventEmitter } from 'node:events';

/** True when the event comes, false when an `error` comes first. */
export async function happens(emitter: EventEmitter, event: string): Promise<boolean> {
  try {
    await once(emitter, event);
    return true;
  } catch {
    return false;
  }
}
