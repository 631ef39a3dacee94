import type { Engine } from '../engine.ts';
import { sendInvitations } from '../outbox/invite.ts';
import { sendNotifications } from '../outbox/send-notifications.ts';

/** Sends what transactions left in the outbox, one turn at a time. */
export interface Sending {
  send(): void;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function createSending(engine: Engine): Sending {
  let dirty = false;
  const ending = new AbortController();
  let turning: Promise<void> | undefined;
  const notifying = new Set<Promise<void>>();

  async function turn(): Promise<void> {
    while (dirty && !ending.signal.aborted) {
      dirty = false;
      await sendInvitations(engine).catch((error: unknown) =>
        engine.log.error({ error }, 'sending invitations failed, it is tried again'),
      );
      if (notifying.size === 0) start(sendNotifications(engine));
    }
    turning = undefined;
  }

  /** A slow webhook holds no invitation up. */
  function start(work: Promise<void>): void {
    const guarded = work.catch((error: unknown) =>
      engine.log.error({ error }, 'sending notifications failed, it is tried again'),
    );
    notifying.add(guarded);
    void guarded.finally(() => notifying.delete(guarded));
  }

  return {
    send() {
      dirty = true;
      if (!ending.signal.aborted) turning ??= turn();
    },
    async idle() {
      for (;;) {
        if (!turning && notifying.size === 0) return;
        await Promise.all([turning, ...notifying]);
      }
    },
    async stop() {
      ending.abort();
      await Promise.all([turning, ...notifying]);
    },
  };
}
