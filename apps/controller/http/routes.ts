import {
  AdoptBody,
  AuditEntry,
  AuditQuery,
  Batch,
  BundleBody,
  BundleDetail,
  BundleRemoved,
  BundleSummary,
  Claim,
  ClaimRequest,
  DecisionRecord,
  Explanation,
  FailureGroup,
  FleetHost,
  FleetHostDetail,
  Freeze,
  FreezeBody,
  Hello,
  NewToken,
  PageQuery,
  PlanPreview,
  PlanReference,
  PatchBody,
  Quarantine,
  QuarantineBody,
  Reading,
  ReadingBody,
  Recovery,
  RecoveryBody,
  EvidenceReport,
  ReportAnswer,
  ReportRequest,
  Restore,
  RestoreQuery,
  Rollout,
  RolloutHost,
  RolloutHostDetail,
  RolloutSummary,
  Simulation,
  SimulationBody,
  Token,
  TokenBody,
  VERB_BODIES,
  VERBS,
  type VerbKind,
  WorkerBundle,
  pageOf,
} from '#api';
import { RolloutPlan } from '#rollout';
import { z } from 'zod';
import {
  EventsQuery,
  FleetQuery,
  HostsQuery,
  NewRolloutQuery,
  PreviewQuery,
  RolloutsQuery,
  ReportQuery,
} from './queries.ts';
import { ADMIN, OPEN, OPERATOR, VIEWER, VIEWER_OR_WORKER, WORKER } from './roles.ts';
import type { Method, Route } from './route.ts';

const BYTES = 'application/octet-stream';
const VERB_SUMMARIES: Record<VerbKind, string> = {
  pause: 'Start no more hosts',
  resume: 'Go on after a pause or a trip',
  retry: 'Run hosts again',
  rollback: 'Give hosts back what they had before',
  abort: 'End the rollout',
  approve: 'Approve what is asked for, having read this plan',
  deny: 'Refuse what is asked for, which ends the rollout',
  advance: 'End the present delay, bake or wait for a window',
  skip: 'Drop hosts that have not started or not succeeded',
  refresh: 'Read the connections of hosts again',
  extend: 'Add new hosts as batches at the end',
};
const Alive = z.strictObject({ status: z.literal('ok') });

/** Every route: who may use it, and with what. The guard, the answers and the OpenAPI document follow it. */
export const ROUTES: readonly Route[] = [
  // open
  { ...get('/healthz', 'Whether the process answers'), roles: OPEN, answer: Alive },
  { ...get('/readyz', 'Whether ledger and queue answer too'), roles: OPEN, answer: Alive },
  { ...get('/v1/openapi.json', 'This document'), roles: OPEN, answer: z.looseObject({}) },

  // plans
  {
    ...post('/v1/plans', 'What a plan would do; live: once its hosts are read', OPERATOR, 200),
    query: PreviewQuery,
    body: RolloutPlan,
    bodyTypes: ['application/yaml', 'application/json'],
    answer: PlanPreview,
    otherwise: { status: 202, when: ({ facts }) => facts === 'live' },
    location: ({ id }) => (typeof id === 'string' ? `/v1/plans/${id}` : undefined),
  },
  {
    ...post('/v1/plans/simulate', 'How a plan would go, in many simulated runs', OPERATOR, 200),
    body: SimulationBody,
    answer: Simulation,
  },
  { ...get('/v1/plans/:id', 'What a plan would do, once its hosts are read'), answer: PlanPreview },

  // rollouts
  {
    ...post('/v1/rollouts', 'Create a rollout from a plan, frozen and started', OPERATOR, 201),
    query: NewRolloutQuery,
    body: z.union([RolloutPlan, PlanReference]),
    bodyTypes: ['application/yaml', 'application/json'],
    answer: Rollout,
    location: ({ id }) => `/v1/rollouts/${String(id)}`,
  },
  {
    ...get('/v1/rollouts', 'List rollouts, the newest first'),
    query: RolloutsQuery,
    answer: pageOf(RolloutSummary),
  },
  { ...get('/v1/rollouts/:id', 'One rollout, with its ETag'), answer: Rollout },
  {
    ...get('/v1/rollouts/:id/batches', 'Its batches'),
    query: PageQuery,
    answer: pageOf(Batch),
  },
  { ...get('/v1/rollouts/:id/batches/:number', 'One batch'), answer: Batch },
  {
    ...get('/v1/rollouts/:id/hosts', 'Its hosts'),
    query: HostsQuery,
    answer: pageOf(RolloutHost),
  },
  {
    ...get('/v1/rollouts/:id/hosts/:name', 'One host: attempts, steps, facts'),
    answer: RolloutHostDetail,
  },
  {
    ...get('/v1/rollouts/:id/hosts/:name/log', 'What was logged while it was worked on'),
    answerTypes: ['text/plain'],
  },
  {
    ...get('/v1/rollouts/:id/decisions', 'What moved a gate or a state'),
    query: PageQuery,
    answer: pageOf(DecisionRecord),
  },
  { ...get('/v1/rollouts/:id/failures', 'Failures that look alike'), answer: pageOf(FailureGroup) },
  {
    ...get('/v1/rollouts/:id/explanation', 'Why it stands as it does, and what it waits for'),
    answer: Explanation,
  },
  {
    ...get('/v1/rollouts/:id/report', 'Evidence of all that happened, to keep or to print'),
    query: ReportQuery,
    answer: EvidenceReport,
    answerTypes: ['text/html'],
    streamed: true,
  },
  {
    ...get('/v1/rollouts/:id/events', 'Events as they come; goes on after `Last-Event-ID`'),
    query: EventsQuery,
    answerTypes: ['text/event-stream', 'application/x-ndjson'],
  },
  ...VERBS.map(verb),
  {
    ...route('PATCH', '/v1/rollouts/:id', 'Change numbers of what is under way', 202),
    roles: OPERATOR,
    body: PatchBody,
    answer: Rollout,
  },

  // bundles
  {
    ...post('/v1/bundles', 'Import a bundle whose blobs are there', OPERATOR, 201),
    body: BundleBody,
    mostBytes: 50_000_000,
    answer: BundleSummary,
    location: ({ digest }) => `/v1/bundles/${String(digest)}`,
  },
  { ...get('/v1/bundles', 'List bundles'), query: PageQuery, answer: pageOf(BundleSummary) },
  {
    ...get('/v1/bundles/:bundle', 'One bundle by digest, or the latest of a name'),
    answer: BundleDetail,
  },
  {
    ...route('DELETE', '/v1/bundles/:bundle', 'Remove a bundle that nothing needs', 200),
    roles: OPERATOR,
    answer: BundleRemoved,
  },
  {
    ...route('HEAD', '/v1/blobs/:sha256', 'How much of a blob is here: `Upload-Offset`', 200),
    roles: VIEWER_OR_WORKER,
  },
  {
    ...route('PATCH', '/v1/blobs/:sha256', 'Append to a blob at `Upload-Offset`', 204),
    roles: OPERATOR,
    bodyTypes: ['application/offset+octet-stream'],
  },
  {
    ...get('/v1/blobs/:sha256', 'The bytes of a blob, or a range of them'),
    roles: VIEWER_OR_WORKER,
    answerTypes: [BYTES],
  },

  // fleet
  {
    ...get('/v1/fleet', 'Every known host: what it has, drift, health'),
    query: FleetQuery,
    answer: pageOf(FleetHost),
  },
  {
    ...get('/v1/fleet/:host', 'The hosts of that name, over all sites, with their rollouts'),
    answer: pageOf(FleetHostDetail),
  },
  {
    ...post('/v1/fleet/:host/quarantine', 'Keep every rollout away from a host', OPERATOR, 200),
    body: QuarantineBody,
    answer: Quarantine,
  },
  {
    ...route('DELETE', '/v1/fleet/:host/quarantine', 'Let rollouts have the host again', 204),
    roles: OPERATOR,
  },
  {
    ...post('/v1/fleet/adopt', 'Let the next claim take hosts over from another fleet', ADMIN, 202),
    body: AdoptBody,
    answer: z.strictObject({ hosts: z.array(z.string()) }),
  },

  // readings
  {
    ...post('/v1/readings', 'Look at hosts and change nothing', OPERATOR, 202),
    body: ReadingBody,
    answer: Reading,
    location: ({ id }) => `/v1/readings/${String(id)}`,
  },
  {
    ...get('/v1/readings/:id', 'What was read, with a page of its hosts'),
    query: PageQuery,
    answer: Reading,
  },

  // freeze
  { ...get('/v1/freeze', 'Whether anything is dispatched forward at all'), answer: Freeze },
  {
    ...post('/v1/freeze', 'Dispatch nothing forward, anywhere', ADMIN, 200),
    body: FreezeBody,
    answer: Freeze,
  },
  { ...route('DELETE', '/v1/freeze', 'End the freeze', 200), roles: ADMIN, answer: Freeze },

  // recovery
  {
    ...get('/v1/backup', 'A consistent copy of the ledger, made while it works'),
    roles: ADMIN,
    answerTypes: ['application/vnd.sqlite3'],
  },
  {
    ...post('/v1/restore', 'Start again with another ledger; the present one is kept', ADMIN, 202),
    query: RestoreQuery,
    bodyTypes: ['application/vnd.sqlite3'],
    answer: Restore,
  },
  { ...get('/v1/restore', 'The ledger that was restored last'), answer: Restore },
  {
    ...post('/v1/recoveries', 'Read hosts back and correct the ledger by them', ADMIN, 202),
    body: RecoveryBody,
    answer: Recovery,
    location: ({ id }) => `/v1/recoveries/${String(id)}`,
  },
  { ...get('/v1/recoveries/:id', 'What the hosts said and what was corrected'), answer: Recovery },

  // access
  { ...get('/v1/tokens', 'List tokens'), query: PageQuery, answer: pageOf(Token) },
  {
    ...post('/v1/tokens', 'Create a token; the only time its secret is shown', ADMIN, 201),
    body: TokenBody,
    answer: NewToken,
    location: ({ id }) => `/v1/tokens/${String(id)}`,
    secret: true,
  },
  { ...route('DELETE', '/v1/tokens/:id', 'Revoke a token', 204), roles: ADMIN },
  {
    ...get('/v1/audit', 'Who did what'),
    roles: ADMIN,
    query: AuditQuery,
    answer: pageOf(AuditEntry),
  },

  // workers
  { ...get('/v1/worker/hello', 'What a worker needs to begin'), roles: WORKER, answer: Hello },
  {
    ...post('/v1/worker/claims', 'Claim a host by its invitation', WORKER, 200),
    body: ClaimRequest,
    answer: Claim,
  },
  {
    ...post('/v1/worker/reports', 'Report steps and outcomes; empty: the heartbeat', WORKER, 200),
    body: ReportRequest,
    answer: ReportAnswer,
  },
  {
    ...get('/v1/worker/bundles/:digest', 'The manifest and signature that a claim goes by'),
    roles: WORKER,
    answer: WorkerBundle,
  },

  // known, but of a later release
  { ...later('GET', '/metrics') },
  { ...later('GET', '/goproxy/:pack/*') },
];

function route(method: Method, path: string, summary: string, status: number): Route {
  return { method, path, summary, status, roles: ADMIN };
}

function get(path: string, summary: string): Route {
  return { ...route('GET', path, summary, 200), roles: VIEWER };
}

function post(path: string, summary: string, roles: Route['roles'], status: number): Route {
  return { ...route('POST', path, summary, status), roles };
}

function verb(name: VerbKind): Route {
  const approves = name === 'approve' || name === 'deny';
  const roles = approves ? ADMIN : OPERATOR;
  const row = post(`/v1/rollouts/:id/${name}`, VERB_SUMMARIES[name], roles, 202);
  return {
    ...row,
    ...(approves && { permission: 'approve' as const }),
    body: VERB_BODIES[name],
    answer: Rollout,
  };
}

function later(method: Method, path: string): Route {
  const row = route(method, path, 'Not part of this release', 501);
  return { ...row, roles: VIEWER, later: true };
}
