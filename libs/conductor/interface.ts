import type {
  Actor,
  AdoptBody,
  AuditEntry,
  Batch,
  BundleBody,
  BundleDetail,
  BundleRemoved,
  BundleSummary,
  Claim,
  ClaimRequest,
  DecisionRecord,
  EventRecord,
  Explanation,
  FailureGroup,
  FleetHost,
  FleetHostDetail,
  Freeze,
  FreezeBody,
  Hello,
  NewToken,
  Page,
  PageQuery,
  PlanPreview,
  Quarantine,
  QuarantineBody,
  Reading,
  ReadingBody,
  Recovery,
  RecoveryBody,
  ReportAnswer,
  ReportRequest,
  Restore,
  Role,
  Rollout,
  RolloutHost,
  RolloutHostDetail,
  RolloutSummary,
  Token,
  TokenBody,
  Verb,
  WorkerBundle,
} from '#api';
import type { Sketch } from './create/sketch.ts';
import type { HostState, RolloutState } from '#rollout';
import type { Refusal } from './access/refusals.ts';

/** A resource with its ETag (in quotes), which changes with verbs and trips, not with reports. */
export interface Tagged<T> {
  value: T;
  etag: string;
}

export interface VerbOptions {
  /** The `If-Match` header: another ETag is `precondition_failed`. */
  ifMatch?: string | undefined;
}

export interface CreateRequest {
  /** The plan as it was sent: YAML or JSON; or `{planId}`, for a rollout of what was previewed. */
  text: string;
  format: 'yaml' | 'json';
  /** A pattern that narrows `targets`. */
  limit?: string | undefined;
}

export interface RolloutFilter extends PageQuery {
  state?: RolloutState | undefined;
  /** `key=value`, or `key` alone. */
  label?: string | undefined;
}

export interface AuditFilter extends PageQuery {
  /** `desc` (the newest first) unless it says otherwise. */
  order?: 'asc' | 'desc' | undefined;
  /** Only what was done to this one. */
  rollout?: string | undefined;
}

export interface HostFilter extends PageQuery {
  state?: HostState | undefined;
  batch?: number | undefined;
  /** A signature of `failures`. */
  signature?: string | undefined;
}

export interface FleetFilter extends PageQuery {
  /** Only those in quarantine, or only the others. */
  quarantined?: boolean | undefined;
}

/** An HTTP answer that an idempotency key may give again. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Repeatable {
  by: Actor;
  key: string;
  /** Method, path and body of the request, hashed here. */
  request: string;
}

/** A copy of the ledger, to be read once. */
export interface BackupFile {
  name: string;
  size: number;
  bytes: AsyncIterable<Uint8Array>;
}

export interface ByteRange {
  start: number;
  /** The last byte, as in a Range header. */
  end: number;
}

/**
 * The use cases of the controller, bound to their ports by `openConductor`. Everything throws `GofleetError`.
 * Roles are looked at by the caller (which knows the route), but for what the content asks (inline playbooks).
 */
export interface Conductor {
  /** The id of the ledger. */
  readonly fleet: string;
  /** The ledger took the place of another one just before this start. */
  readonly restored: boolean;

  // plans
  /** What a plan would do; changes nothing. */
  previewPlan(by: Actor, request: CreateRequest): Promise<PlanPreview>;
  /** Draws a plan up and changes nothing: for what runs it elsewhere. */
  sketchPlan(by: Actor, request: CreateRequest): Promise<Sketch>;
  /** The same once every host was read, which begins now: see `getPlan`. */
  previewLive(by: Actor, request: CreateRequest): Promise<PlanPreview>;
  /** A plan that was previewed live. */
  getPlan(id: string): Promise<PlanPreview>;

  // rollouts
  createRollout(by: Actor, request: CreateRequest): Promise<Tagged<Rollout>>;
  listRollouts(filter: RolloutFilter): Promise<Page<RolloutSummary>>;
  getRollout(id: string): Promise<Tagged<Rollout>>;
  /** One transaction: checked against `allowedActions`, audited; the rollout as it then is. */
  act(by: Actor, id: string, verb: Verb, options?: VerbOptions): Promise<Tagged<Rollout>>;
  listBatches(id: string, page: PageQuery): Promise<Page<Batch>>;
  getBatch(id: string, number: number): Promise<Batch>;
  listHosts(id: string, filter: HostFilter): Promise<Page<RolloutHost>>;
  getHost(id: string, name: string): Promise<RolloutHostDetail>;
  /** Plain text, oldest line first. */
  hostLog(id: string, name: string): Promise<string>;
  listDecisions(id: string, page: PageQuery): Promise<Page<DecisionRecord>>;
  listFailures(id: string): Promise<FailureGroup[]>;
  /** Why it stands as it does, what it waits for, and what may be done. */
  explain(id: string): Promise<Explanation>;
  /** Evidence of all that happened: an `EvidenceReport`, or the same as one page to print; read while it is written. */
  evidence(id: string, format: 'json' | 'html'): Promise<AsyncIterable<string>>;
  /**
   * Events of a rollout after that id (0: all that are kept), then the new ones as they come. Begins with `reset`
   * where some after it are no longer kept; ends with `end` when the rollout is final and all is told.
   */
  followEvents(id: string, after: number, signal: AbortSignal): AsyncIterable<EventRecord>;

  // readings
  /** Begins to look at hosts, which changes nothing and disturbs nobody. `no_hosts`. */
  readHosts(by: Actor, body: ReadingBody): Promise<Reading>;
  /** With a page of its hosts: facts, or why there are none. */
  getReading(id: string, page: PageQuery): Promise<Reading>;

  // recovery
  /** A consistent copy of the ledger, made while it works. */
  backUp(by: Actor): Promise<BackupFile>;
  /** Takes a ledger in and starts again with it. `invalid_file`; `conflict` for another fleet's. */
  restore(
    by: Actor,
    bytes: AsyncIterable<Uint8Array>,
    options: { otherFleet: boolean },
  ): Promise<Restore>;
  /** Undefined where this ledger never took the place of another one. */
  latestRestore(): Promise<Restore | undefined>;
  /** Reads known hosts back and corrects the ledger by them. */
  recover(by: Actor, body: RecoveryBody): Promise<Recovery>;
  getRecovery(id: string): Promise<Recovery>;

  // workers
  hello(worker: Actor): Promise<Hello>;
  /** `superseded`, `conflict` (leased, paused: `details.why`), `upgrade_required`. */
  claim(worker: Actor, request: ClaimRequest): Promise<Claim>;
  report(worker: Actor, request: ReportRequest): Promise<ReportAnswer>;
  /** A bundle that a claim of its site needs, by digest; `not_found`. */
  bundleForWorker(worker: Actor, digest: string): Promise<WorkerBundle>;

  // bundles and blobs
  /** `blobs_missing`; where only signed ones are taken `signature_missing`, `signature_invalid`, `signature_untrusted`. */
  importBundle(by: Actor, body: BundleBody): Promise<BundleSummary>;
  /** By digest or name, with the blobs that no other bundle names; `in_use` with what needs it. */
  removeBundle(by: Actor, nameOrDigest: string): Promise<BundleRemoved>;
  listBundles(page: PageQuery): Promise<Page<BundleSummary>>;
  /** By digest, or by name: the one imported last under it. */
  getBundle(nameOrDigest: string): Promise<BundleDetail>;
  /** `not_found` where no manifest names it, or a worker has no rollout that needs it. */
  blobStatus(by: Actor, sha256: string): Promise<{ size: number; offset: number }>;
  /** The new offset; `upload_offset` with `details.offset`, `blob_mismatch`. */
  appendBlob(
    by: Actor,
    sha256: string,
    offset: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<number>;
  readBlob(by: Actor, sha256: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;

  // fleet
  listFleet(filter: FleetFilter): Promise<Page<FleetHost>>;
  /** Every known host of that name, over all sites, with its rollouts. */
  getFleetHost(name: string): Promise<FleetHostDetail[]>;
  /** No rollout touches it: skipped where it waits, excluded where it is planned. */
  quarantine(by: Actor, host: string, body: QuarantineBody): Promise<Quarantine>;
  /** Out of quarantine; `not_found`. */
  release(by: Actor, host: string): Promise<void>;
  /** Names of the hosts whose next claim may take them over from another fleet. */
  adopt(by: Actor, body: AdoptBody): Promise<{ hosts: string[] }>;

  // freeze
  getFreeze(): Promise<Freeze>;
  /** Nothing forward is dispatched anywhere; `conflict` where that is so already. */
  freeze(by: Actor, body: FreezeBody): Promise<Freeze>;
  /** `conflict` where nothing is frozen. What was paused stays paused. */
  unfreeze(by: Actor): Promise<Freeze>;

  // access
  /** Undefined where no token has this secret. */
  authenticate(secret: string): Promise<Actor | undefined>;
  createToken(by: Actor, body: TokenBody): Promise<NewToken>;
  /** For the first start: makes sure that a token with this secret is there. */
  ensureToken(token: { name: string; role: Role; site?: string; secret: string }): Promise<void>;
  listTokens(page: PageQuery): Promise<Page<Token>>;
  revokeToken(by: Actor, id: string): Promise<void>;
  /** Each with its hash, so that whoever reads all of them can tell whether one was changed, removed or put in. */
  listAudit(filter: AuditFilter): Promise<Page<AuditEntry>>;
  /** Writes down that something was refused for who asked: at most one entry a minute for a token. */
  noteRefusal(refusal: Refusal): Promise<void>;
  /** Runs once a key, token and request within 24 h and gives a 2xx answer again; `idempotency_mismatch`. */
  once(request: Repeatable, run: () => Promise<Answer>): Promise<Answer>;

  /** Throws `unavailable` where the ledger or the queue does not answer. */
  ready(): Promise<void>;
  /** Ends the loops, writes what is under way, closes nothing that was handed in. */
  stop(): Promise<void>;
}
