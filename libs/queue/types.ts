/** What a job carries: there is work on this host for your site. */
export interface Invitation {
  rollout: string;
  host: number;
  delivery: number;
}

export interface QueueOptions {
  /** `redis://…`, or the path of a unix socket. */
  redisUrl: string;
  prefix: string;
}

/** The controller's side. */
export interface Queues extends AsyncDisposable {
  /** Throws `unavailable` at once when Redis does not answer. */
  invite(site: string, invitations: Invitation[]): Promise<void>;
  /** Of these, the ones whose job is no longer there. */
  missing(site: string, invitations: Invitation[]): Promise<Invitation[]>;
  /** Throws `unavailable` when Redis does not answer. */
  ping(): Promise<void>;
}

export interface TakeOptions extends QueueOptions {
  site: string;
  /** Invitations at work at once. */
  concurrency: number;
  /** Its end gives the place free, however it ends: nothing is repeated by the queue. */
  take: (invitation: Invitation, signal: AbortSignal) => Promise<void>;
  /** Told of connection troubles; the taker itself reconnects for ever. */
  onError?: (error: Error) => void;
}

/** The worker's side. */
export interface Taker extends AsyncDisposable {
  /** Takes no more; what is at work goes on. */
  pause(): Promise<void>;
}
