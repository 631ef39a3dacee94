import type { Invitation } from '#api';
import type { Milliseconds } from '#units';

/** The controller's clock; the monotonic one measures intervals. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds, never set back. */
  monotonic(): number;
  /** Calls once after a while; the result calls it off. */
  after(delay: Milliseconds, call: () => void): () => void;
}

/** Rings the bells of a site's workers. May lose, repeat and reorder; throws when the queue does not answer. */
export interface Dispatch {
  invite(site: string, invitations: Invitation[]): Promise<void>;
  /** Of these, the invitations that no worker will get any more. */
  missing(site: string, invitations: Invitation[]): Promise<Invitation[]>;
  /** Throws `unavailable` where the queue does not answer. */
  ping(): Promise<void>;
}

/** What a notification says: JSON for a webhook, standard input of a command. */
export interface Notification {
  event: string;
  rollout: string;
  name: string;
  state: string;
  reason: { code: string; message: string } | null;
  at: string;
}

/** Runs a command of the notify folder; throws when it fails. */
export type RunNotifyCommand = (command: string, notification: Notification) => Promise<void>;

/** Structured log lines. */
export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}
