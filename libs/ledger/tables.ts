import type { Generated, Insertable, Selectable } from 'kysely';

/**
 * The tables of the ledger. Columns are TEXT or INTEGER alone: instants are milliseconds since 1970, yes and no
 * are 1 and 0, and what is called JSON is text with `schema: N` in it where it is frozen.
 */
export interface Tables {
  fleet: FleetTable;
  rollouts: RolloutsTable;
  rollout_plans: RolloutPlansTable;
  batches: BatchesTable;
  rollout_hosts: RolloutHostsTable;
  host_specs: HostSpecsTable;
  host_registry: HostRegistryTable;
  claims: ClaimsTable;
  steps: StepsTable;
  host_logs: HostLogsTable;
  decisions: DecisionsTable;
  events: EventsTable;
  audit: AuditTable;
  notifications: NotificationsTable;
  tokens: TokensTable;
  idempotency: IdempotencyTable;
  bundles: BundlesTable;
  bundle_blobs: BundleBlobsTable;
  workers: WorkersTable;
  holds: HoldsTable;
  freezes: FreezesTable;
  quarantine: QuarantineTable;
  plans: PlansTable;
  restores: RestoresTable;
  recoveries: RecoveriesTable;
}

interface FleetTable {
  id: string;
  schema_version: number;
  created_at: number;
}

interface RolloutsTable {
  id: string;
  name: string;
  /** JSON. */
  labels: string;
  state: string;
  /** JSON or null. */
  reason: string | null;
  /** Compare-and-set: changes with everything but reports. */
  rev: number;
  /** The ETag: changes with verbs and trips. */
  version: number;
  plan_digest: string;
  bundle_name: string;
  bundle_digest: string;
  playbook: string;
  inventory: string;
  targets: string;
  requester: string;
  requester_token: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  /** Hosts left out when it was planned. */
  excluded: number;
  /** JSON of a RollbackIntent, or null. */
  rollback: string | null;
  /** JSON of an AbortIntent, or null. */
  abort: string | null;
  /** JSON of the trips that no person has answered. */
  trips: string;
  /** The batch that tripped last. */
  last_tripped: number | null;
  /** When a person is told again that it is paused. */
  remind_at: number | null;
  /** `rollout`, or `reading`: hosts are looked at for a preview or a recovery, and nothing is changed on them. */
  purpose: Generated<string>;
  /** JSON of the Strategy as it is now; null: as it was frozen. */
  strategy: string | null;
  /** JSON of an ApprovalView, or null. */
  approval: string | null;
  /** Its hosts belong to it. */
  owned: Generated<number>;
  /** The rollout whose hosts it takes over when it starts. */
  supersedes: string | null;
  window_waived_until: number | null;
  /** Milliseconds at work before `worked_since`: host deadlines are measured with it. */
  worked: Generated<number>;
  worked_since: number | null;
}

interface RolloutPlansTable {
  rollout: string;
  /** JSON of all that was frozen but the hosts. */
  frozen: string;
}

/** One row a batch; the counters are written in the transaction of what they count. */
interface BatchesTable {
  rollout: string;
  number: number;
  state: string;
  size: number;
  delay: number;
  max_failures: number | null;
  max_unreachable: number | null;
  started_at: number | null;
  passed_at: number | null;
  /** Milliseconds at work before `worked_since`. */
  worked: number;
  worked_since: number | null;
  /** JSON. */
  waived: string;
  /** JSON or null. */
  reason: string | null;
  bake: Generated<number>;
  approval: Generated<number>;
  bake_until: number | null;
  delay_waived: Generated<number>;
  /** JSON of BatchCounts. */
  counts: string;
}

interface RolloutHostsTable {
  rollout: string;
  number: number;
  name: string;
  site: string;
  address: string;
  /** Null for excluded ones. */
  batch: number | null;
  state: string;
  /** How its latest forward claim ended; cleared by a retry. */
  outcome: string | null;
  acknowledged: number;
  unchanged: number;
  /** The switch began in this rollout and was not taken back. */
  changed: number;
  /** The first trip (number of the decision) that its failure was counted in. */
  covered_by: number | null;
  /** A retry set it back, and it has not ended again. */
  retried: number;
  /** Chosen for a rollback while at work forward. */
  roll_back_after: number;
  /** `idle`, `queued` (invited) or `claimed`. */
  work: string;
  /** What it is invited or claimed for: `forward`, `back` or `probe`; null when idle. */
  task: string | null;
  delivery: number;
  queued_at: number | null;
  /** The queue took the invitation. */
  invited_at: number | null;
  epoch: number;
  worker: string | null;
  lease_until: number | null;
  /** Leases that ran out in this rollout. */
  expiries: number;
  /** The claim is asked to stop at the next safe point. */
  stop: number;
  /** Not dispatched before. */
  due_at: number | null;
  /** When the present direction of work began for it: `timeouts.host` counts from here. */
  work_from: number | null;
  /** JSON or null. */
  reason: string | null;
  code: string | null;
  message: string | null;
  remedy: string | null;
  signature: string | null;
  step: string | null;
  started_at: number | null;
  ended_at: number | null;
  /** Its failure domain, where the plan limits those. */
  domain: string | null;
  /** Its time zone, where windows are in that of each host. */
  zone: string | null;
  /** What it is logged in with, without any secret: hosts with the same wait for the same hold. */
  credential: Generated<string>;
  /** Health was checked again since its batch began to bake. */
  baked: Generated<number>;
}

/** What of a host was frozen with the plan. */
interface HostSpecsTable {
  rollout: string;
  number: number;
  /** JSON. */
  groups: string;
  /** JSON of a Connection with its pins. */
  connection: string;
  /** JSON of the facts before and after the latest forward claim. */
  facts_before: string | null;
  facts_after: string | null;
  /** JSON of its plain variables that are no secret and no setting of ours: what failing hosts may share. */
  traits: Generated<string>;
}

/** A host over all rollouts: inventory name and site. */
interface HostRegistryTable {
  name: string;
  site: string;
  epoch: number;
  /** The rollout it belongs to until that is final. */
  owner: string | null;
  /** The rollout that began to switch it last, and the epoch of that claim. */
  changed_by: string | null;
  adopt: number;
  last_rollout: string | null;
  last_outcome: string | null;
  last_seen_at: number | null;
  last_succeeded_at: number | null;
  /** JSON or null. */
  facts: string | null;
}

interface ClaimsTable {
  rollout: string;
  host: number;
  epoch: number;
  task: string;
  worker: string;
  site: string;
  started_at: number;
  ended_at: number | null;
  outcome: string | null;
  code: string | null;
  message: string | null;
  bytes_sent: number;
  /** The greatest report number that was applied. */
  last_seq: number;
}

interface StepsTable {
  rollout: string;
  host: number;
  epoch: number;
  seq: number;
  name: string;
  at: string;
  ms: number;
  ok: number;
  detail: string | null;
}

interface HostLogsTable {
  id: Generated<number>;
  rollout: string;
  host: number;
  at: number;
  epoch: number;
  text: string;
}

interface DecisionsTable {
  rollout: string;
  number: number;
  at: number;
  kind: string;
  batch: number | null;
  by: string | null;
  reason: string | null;
  evidence: string | null;
  /** JSON: at most 100 names. */
  hosts: string;
  /** JSON: the states before and after, and of a verb what was asked and why; null in older ledgers. */
  details: string | null;
}

interface EventsTable {
  id: Generated<number>;
  at: number;
  type: string;
  rollout: string | null;
  batch: number | null;
  host: string | null;
  details: string;
}

interface AuditTable {
  id: Generated<number>;
  at: number;
  who: string;
  token: string;
  role: string;
  verb: string;
  rollout: string | null;
  note: string | null;
  before: string | null;
  after: string | null;
  /** SHA-256 over the hash of the entry before it and this one; null before it was kept. */
  hash: string | null;
}

interface NotificationsTable {
  id: Generated<number>;
  rollout: string;
  kind: string;
  target: string;
  payload: string;
  due_at: number;
  attempts: number;
  /** Null until it was delivered or given up. */
  ended_at: number | null;
  error: string | null;
}

interface TokensTable {
  id: string;
  name: string;
  role: string;
  site: string | null;
  /** SHA-256 of the secret, in hex. */
  hash: string;
  created_at: number;
  created_by: string;
  last_used_at: number | null;
  /** JSON. */
  permissions: Generated<string>;
}

interface IdempotencyTable {
  token: string;
  key: string;
  request: string;
  status: number;
  headers: string;
  body: string;
  at: number;
}

interface BundlesTable {
  digest: string;
  name: string;
  manifest: string;
  signature: string | null;
  blobs: number;
  size: number;
  /** Null while blobs are missing. */
  imported_at: number | null;
  /** Until when the list of missing blobs is kept. */
  expires_at: number | null;
  /** The public key that made the signature, as it travels, in base64; null where it is none of this manifest. */
  signed_by: string | null;
}

interface BundleBlobsTable {
  bundle: string;
  sha256: string;
  size: number;
}

interface WorkersTable {
  id: string;
  site: string;
  release: string;
  open: number;
  first_beat: number;
  last_beat: number;
}

/** What of our own side holds hosts back: a whole site (`credential` is empty), or one credential at it. */
interface HoldsTable {
  site: string;
  credential: string;
  since: number;
  /** Null: until a person says that it is to go on. */
  until: number | null;
  code: string;
  message: string;
  /** The rollout that ran into it. */
  rollout: string | null;
}

/** At most one has not ended. */
interface FreezesTable {
  id: Generated<number>;
  at: number;
  who: string;
  note: string;
  /** Rollbacks stand still too. */
  rollbacks: number;
  ended_at: number | null;
}

/** By inventory name, also of hosts that no rollout has met yet. */
interface QuarantineTable {
  host: string;
  at: number;
  who: string;
  note: string | null;
}

/** A preview that reads hosts, or that a rollout is to be made from. */
interface PlansTable {
  id: string;
  at: number;
  who: string;
  /** JSON of the request it was made of. */
  request: string;
  digest: string;
  /** The reading of its hosts. */
  reading: string | null;
  /** JSON; null while hosts are being read. */
  preview: string | null;
  /** The bundle that a rollout of it would take; null where an earlier release kept it. */
  bundle_digest: string | null;
}

/** Each time that this ledger took the place of another one, written before it did. */
interface RestoresTable {
  id: Generated<number>;
  at: number;
  who: string;
  /** When the backup was made; null where it does not say. */
  backed_up_at: number | null;
  /** The file that the ledger before is kept in. */
  kept: string | null;
  /** When its rollouts were paused for it; null until then. */
  noted_at: number | null;
}

/** Readings of hosts that the ledger is corrected by. */
interface RecoveriesTable {
  reading: string;
  at: number;
  who: string;
  token: string;
  role: string;
  note: string | null;
  /** JSON of what was found; null while hosts are being read. */
  result: string | null;
}

export type RolloutRow = Selectable<RolloutsTable>;
export type BatchRow = Selectable<BatchesTable>;
export type HostRow = Selectable<RolloutHostsTable>;
export type HostSpecRow = Selectable<HostSpecsTable>;
export type NewHostRow = Insertable<RolloutHostsTable>;
export type RegistryRow = Selectable<HostRegistryTable>;
export type ClaimRow = Selectable<ClaimsTable>;
export type StepRow = Selectable<StepsTable>;
export type DecisionRow = Selectable<DecisionsTable>;
export type EventRow = Selectable<EventsTable>;
export type BundleRow = Selectable<BundlesTable>;
export type TokenRow = Selectable<TokensTable>;
export type AuditRow = Selectable<AuditTable>;
