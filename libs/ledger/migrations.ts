/**
 * The schema, one entry a version, never edited once released. Columns are TEXT or INTEGER alone, so that the same
 * statements serve another SQL database.
 */
export const MIGRATIONS: string[][] = [
  [
    `CREATE TABLE rollouts (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
      rev INTEGER NOT NULL, version INTEGER NOT NULL, plan_digest TEXT NOT NULL,
      bundle_name TEXT NOT NULL, bundle_digest TEXT NOT NULL, playbook TEXT NOT NULL,
      inventory TEXT NOT NULL, targets TEXT NOT NULL, requester TEXT NOT NULL, requester_token TEXT NOT NULL,
      created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, excluded INTEGER NOT NULL,
      rollback TEXT, abort TEXT, trips TEXT NOT NULL, last_tripped INTEGER, remind_at INTEGER) STRICT`,
    `CREATE INDEX rollouts_by_state ON rollouts (state, id)`,
    `CREATE TABLE rollout_plans (
      rollout TEXT PRIMARY KEY REFERENCES rollouts (id), frozen TEXT NOT NULL) STRICT`,
    `CREATE TABLE batches (
      rollout TEXT NOT NULL REFERENCES rollouts (id), number INTEGER NOT NULL, state TEXT NOT NULL,
      size INTEGER NOT NULL, delay INTEGER NOT NULL, max_failures INTEGER, max_unreachable INTEGER,
      started_at INTEGER, passed_at INTEGER, worked INTEGER NOT NULL, worked_since INTEGER,
      waived TEXT NOT NULL, reason TEXT,
      counts TEXT NOT NULL,
      PRIMARY KEY (rollout, number)) STRICT`,
    `CREATE TABLE rollout_hosts (
      rollout TEXT NOT NULL REFERENCES rollouts (id), number INTEGER NOT NULL, name TEXT NOT NULL,
      site TEXT NOT NULL, address TEXT NOT NULL, batch INTEGER, state TEXT NOT NULL, outcome TEXT,
      acknowledged INTEGER NOT NULL, unchanged INTEGER NOT NULL, changed INTEGER NOT NULL,
      covered_by INTEGER, retried INTEGER NOT NULL, roll_back_after INTEGER NOT NULL, work TEXT NOT NULL, task TEXT, delivery INTEGER NOT NULL, queued_at INTEGER,
      invited_at INTEGER, epoch INTEGER NOT NULL, worker TEXT, lease_until INTEGER, expiries INTEGER NOT NULL,
      stop INTEGER NOT NULL, due_at INTEGER, work_from INTEGER, reason TEXT, code TEXT, message TEXT,
      remedy TEXT, signature TEXT, step TEXT, started_at INTEGER, ended_at INTEGER,
      PRIMARY KEY (rollout, number)) STRICT`,
    `CREATE UNIQUE INDEX rollout_hosts_by_name ON rollout_hosts (rollout, name)`,
    `CREATE INDEX rollout_hosts_by_state ON rollout_hosts (rollout, state, batch, retried DESC, number)`,
    `CREATE INDEX rollout_hosts_of_host ON rollout_hosts (name, site, changed)`,
    `CREATE INDEX rollout_hosts_by_work ON rollout_hosts (work, rollout)`,
    `CREATE TABLE host_specs (
      rollout TEXT NOT NULL REFERENCES rollouts (id), number INTEGER NOT NULL, groups TEXT NOT NULL,
      connection TEXT NOT NULL, facts_before TEXT, facts_after TEXT, PRIMARY KEY (rollout, number)) STRICT`,
    `CREATE TABLE host_registry (
      name TEXT NOT NULL, site TEXT NOT NULL, epoch INTEGER NOT NULL,
      owner TEXT REFERENCES rollouts (id), changed_by TEXT REFERENCES rollouts (id), adopt INTEGER NOT NULL,
      last_rollout TEXT, last_outcome TEXT, last_seen_at INTEGER, last_succeeded_at INTEGER, facts TEXT,
      PRIMARY KEY (name, site)) STRICT`,
    `CREATE INDEX host_registry_by_owner ON host_registry (owner) WHERE owner IS NOT NULL`,
    `CREATE TABLE claims (
      rollout TEXT NOT NULL REFERENCES rollouts (id), host INTEGER NOT NULL, epoch INTEGER NOT NULL,
      task TEXT NOT NULL, worker TEXT NOT NULL, site TEXT NOT NULL, started_at INTEGER NOT NULL,
      ended_at INTEGER, outcome TEXT, code TEXT, message TEXT, bytes_sent INTEGER NOT NULL,
      last_seq INTEGER NOT NULL, PRIMARY KEY (rollout, host, epoch)) STRICT`,
    `CREATE TABLE steps (
      rollout TEXT NOT NULL, host INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      name TEXT NOT NULL, at TEXT NOT NULL, ms INTEGER NOT NULL, ok INTEGER NOT NULL, detail TEXT,
      PRIMARY KEY (rollout, host, epoch, seq)) STRICT`,
    `CREATE TABLE host_logs (
      id INTEGER PRIMARY KEY AUTOINCREMENT, rollout TEXT NOT NULL, host INTEGER NOT NULL,
      at INTEGER NOT NULL, epoch INTEGER NOT NULL, text TEXT NOT NULL) STRICT`,
    `CREATE INDEX host_logs_by_host ON host_logs (rollout, host, id)`,
    `CREATE TABLE decisions (
      rollout TEXT NOT NULL REFERENCES rollouts (id), number INTEGER NOT NULL, at INTEGER NOT NULL,
      kind TEXT NOT NULL, batch INTEGER, by TEXT, reason TEXT, evidence TEXT, hosts TEXT NOT NULL,
      PRIMARY KEY (rollout, number)) STRICT`,
    `CREATE TABLE events (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, rollout TEXT,
      batch INTEGER, host TEXT, details TEXT NOT NULL) STRICT`,
    `CREATE INDEX events_by_rollout ON events (rollout, id)`,
    `CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, token TEXT NOT NULL,
      role TEXT NOT NULL, verb TEXT NOT NULL, rollout TEXT, note TEXT, before TEXT, after TEXT) STRICT`,
    `CREATE TABLE notifications (
      id INTEGER PRIMARY KEY AUTOINCREMENT, rollout TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
      payload TEXT NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, ended_at INTEGER,
      error TEXT) STRICT`,
    `CREATE INDEX notifications_due ON notifications (due_at) WHERE ended_at IS NULL`,
    `CREATE TABLE tokens (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, site TEXT, hash TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL, created_by TEXT NOT NULL, last_used_at INTEGER) STRICT`,
    `CREATE TABLE idempotency (
      token TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL,
      headers TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (token, key)) STRICT`,
    `CREATE INDEX idempotency_by_age ON idempotency (at)`,
    `CREATE TABLE bundles (
      digest TEXT PRIMARY KEY, name TEXT NOT NULL, manifest TEXT NOT NULL, signature TEXT,
      blobs INTEGER NOT NULL, size INTEGER NOT NULL, imported_at INTEGER, expires_at INTEGER) STRICT`,
    `CREATE INDEX bundles_by_name ON bundles (name, imported_at)`,
    `CREATE TABLE bundle_blobs (
      bundle TEXT NOT NULL REFERENCES bundles (digest), sha256 TEXT NOT NULL, size INTEGER NOT NULL,
      PRIMARY KEY (sha256, bundle)) STRICT`,
    `CREATE TABLE workers (
      id TEXT PRIMARY KEY, site TEXT NOT NULL, release TEXT NOT NULL, open INTEGER NOT NULL,
      first_beat INTEGER NOT NULL, last_beat INTEGER NOT NULL) STRICT`,
    `CREATE TABLE site_holds (
      site TEXT PRIMARY KEY, until INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL) STRICT`,
  ],
  [
    `ALTER TABLE rollouts ADD COLUMN purpose TEXT NOT NULL DEFAULT 'rollout'`,
    `ALTER TABLE rollouts ADD COLUMN strategy TEXT`,
    `ALTER TABLE rollouts ADD COLUMN approval TEXT`,
    `ALTER TABLE rollouts ADD COLUMN owned INTEGER NOT NULL DEFAULT 1`,
    `ALTER TABLE rollouts ADD COLUMN supersedes TEXT`,
    `ALTER TABLE rollouts ADD COLUMN window_waived_until INTEGER`,
    `ALTER TABLE rollouts ADD COLUMN worked INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE rollouts ADD COLUMN worked_since INTEGER`,
    `ALTER TABLE batches ADD COLUMN bake INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE batches ADD COLUMN approval INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE batches ADD COLUMN bake_until INTEGER`,
    `ALTER TABLE batches ADD COLUMN delay_waived INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE rollout_hosts ADD COLUMN domain TEXT`,
    `ALTER TABLE rollout_hosts ADD COLUMN zone TEXT`,
    `ALTER TABLE rollout_hosts ADD COLUMN credential TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE rollout_hosts ADD COLUMN baked INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE host_specs ADD COLUMN traits TEXT NOT NULL DEFAULT '{}'`,
    `CREATE INDEX rollout_hosts_by_signature ON rollout_hosts (rollout, signature) WHERE signature IS NOT NULL`,
    `CREATE INDEX rollout_hosts_by_worker ON rollout_hosts (worker, work, rollout, number, epoch, stop, task) WHERE task IS NOT NULL`,
    `CREATE INDEX rollout_hosts_doubtful ON rollout_hosts (rollout) WHERE expiries > 0`,
    `DROP TABLE site_holds`,
    `CREATE TABLE holds (
      site TEXT NOT NULL, credential TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, code TEXT NOT NULL,
      message TEXT NOT NULL, rollout TEXT, PRIMARY KEY (site, credential)) STRICT`,
    `CREATE TABLE freezes (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL,
      rollbacks INTEGER NOT NULL, ended_at INTEGER) STRICT`,
    `CREATE TABLE quarantine (
      host TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT) STRICT`,
    `CREATE TABLE plans (
      id TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, request TEXT NOT NULL, digest TEXT NOT NULL,
      reading TEXT REFERENCES rollouts (id), preview TEXT) STRICT`,
    `ALTER TABLE audit ADD COLUMN hash TEXT`,
    `ALTER TABLE decisions ADD COLUMN details TEXT`,
    `ALTER TABLE tokens ADD COLUMN permissions TEXT NOT NULL DEFAULT '[]'`,
    `CREATE INDEX audit_by_rollout ON audit (rollout, id) WHERE rollout IS NOT NULL`,
    `CREATE TABLE restores (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, backed_up_at INTEGER,
      kept TEXT, noted_at INTEGER) STRICT`,
    `CREATE TABLE recoveries (
      reading TEXT PRIMARY KEY REFERENCES rollouts (id), at INTEGER NOT NULL, who TEXT NOT NULL, token TEXT NOT NULL,
      role TEXT NOT NULL, note TEXT, result TEXT) STRICT`,
  ],
  [
    `ALTER TABLE bundles ADD COLUMN signed_by TEXT`,
    `ALTER TABLE plans ADD COLUMN bundle_digest TEXT`,
    `CREATE INDEX bundle_blobs_by_bundle ON bundle_blobs (bundle)`,
    `CREATE INDEX rollouts_by_bundle ON rollouts (bundle_digest)`,
  ],
];
