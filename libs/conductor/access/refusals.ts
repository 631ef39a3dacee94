import type { Actor } from '#api';
import type { Engine } from '../engine.ts';
import { audit } from './audit.ts';

/** Something that was asked and refused for who asked. */
export interface Refusal {
  /** Undefined: a token that nobody has. */
  by: Actor | undefined;
  /** `POST /v1/rollouts/{id}/resume` */
  what: string;
  rollout?: string | undefined;
  /** `forbidden` or `unauthorized`. */
  code: string;
  /** Where it came from. */
  address?: string | undefined;
}

/** So that nobody who is refused can fill the ledger: one entry a minute for each token, and one for all unknown ones. */
const EVERY = 60_000;

const NOBODY: Actor = { token: '', name: 'unknown', role: 'viewer', site: null };

/** Refused attempts go into the audit too: who tried a door is of interest, and how often. */
export interface Refusals {
  note(refusal: Refusal): Promise<void>;
}

export function createRefusals(engine: Engine): Refusals {
  /** By token: when an entry was written last, and what was refused since. */
  const last = new Map<string, { at: number; since: number }>();
  return {
    async note({ by = NOBODY, what, rollout, code, address }) {
      const now = engine.clock.now();
      for (const [token, { at, since }] of last)
        if (now - at >= EVERY && since === 0) last.delete(token);
      const before = last.get(by.token);
      if (before && now - before.at < EVERY) {
        before.since++;
        return;
      }
      last.set(by.token, { at: now, since: 0 });
      const after = { refused: what, code, address, notWritten: before?.since ?? 0 };
      await engine.write((queries) =>
        audit(queries, now, { by, verb: 'refused', ...(rollout && { rollout }), after }),
      );
    },
  };
}
