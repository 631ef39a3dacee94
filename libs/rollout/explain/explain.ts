import type { Decision, Evidence } from '../view/decision.ts';
import { explainEvidence } from './explain-evidence.ts';
import { BY_VERB, type AskedVerb } from './explain-verbs.ts';
import type { Reason, RolloutState } from '../view/states.ts';
import type { Verb } from '../verbs/verbs.ts';

/** A stored decision, or what a person did: all that is told of it. */
export interface ToldDecision {
  number: number;
  /** The kind of the decision, or the verb. */
  kind: string;
  batch: number | null;
  /** Null where gofleet decided by itself. */
  by: string | null;
  note: string | null;
  reason: Pick<Reason, 'message'> | null;
  evidence: Evidence | null;
  /** Names of the hosts that made the difference; the first hundred. */
  hosts: readonly string[];
  /** What the rollout was and became; null where it was not kept. */
  before: RolloutState | null;
  after: RolloutState | null;
  /** What was asked with the verb. */
  asked: AskedVerb | null;
}

/** A stored decision in plain words, with its rule, its numbers and the hosts that moved it. */
export function explainDecision(told: ToldDecision): string {
  const said = told.by === null ? decided(told) : `${told.by} ${acted(told)}`;
  const note = told.note === null ? '' : ` ("${told.note}")`;
  return `${said}${note}${named(told)}.${told.kind === 'trip' ? ` ${consequence(told)}.` : ''}`;
}

type Words = (told: ToldDecision) => string;

/** What gofleet decided by itself, by kind, in the order of a rollout's life. */
export const BY_KIND: Record<Exclude<Decision['kind'], 'dispatch' | 'wait'>, Words> = {
  // the hosts are its own from here on
  start: () => 'The rollout starts: from now on its hosts belong to it',
  // people are asked, and nothing goes on without them
  askApproval: ({ batch }) =>
    batch === null
      ? 'People are asked to approve the start'
      : `Batch ${batch} is within its budget; people are asked to approve its gate`,
  // gofleet stopped it, though no budget tripped
  pause: ({ reason }) => `Paused by gofleet: ${reason?.message ?? 'a person has to look'}`,
  startBatch: ({ batch }) => `Batch ${batch} starts`,
  // the checks follow when the time is over
  startBake: ({ batch }) =>
    `All hosts of batch ${batch} have ended; it bakes, then their health is checked again`,
  trip: tripped,
  passGate: ({ batch, evidence }) =>
    `The gate of batch ${batch} opens${evidence ? `: ${explainEvidence(evidence)}` : ''}`,
  skipBatch: ({ batch }) => `Batch ${batch} has only skipped hosts; its gate opens`,
  startRollback: ({ batch }) =>
    `Hosts at work have ended; the rollback of ${batch === null ? 'all hosts' : `batch ${batch}`} starts`,
  endRollback: (told) => `The rollback has ended${became(told)}${because(told)}`,
  finish: (told) => `The rollout has ended${became(told)}${because(told)}`,
};

/** Which budget or rule it was, with its name: what a reader looks up. */
const RULES: Record<string, string> = {
  failure_budget: 'tolerates no more failures',
  unreachable_budget: 'tolerates no more unreachable hosts',
  signature_concentration: 'tolerates no more failures that look alike',
  batch_failed: 'had no host that succeeded',
  deadline: 'took longer than it may',
};

function tripped(told: ToldDecision): string {
  const { batch, evidence, reason } = told;
  if (!evidence) return `Batch ${batch} tripped${because(told)}`;
  const where = evidence.scope === 'rollout' ? 'The rollout' : `Batch ${evidence.batch ?? batch}`;
  const rule = RULES[evidence.rule] ?? reason?.message ?? 'tripped';
  const at =
    evidence.scope === 'rollout' && batch !== null ? ` while batch ${batch} was at work` : '';
  return `${where} ${rule} (rule ${evidence.rule}): ${explainEvidence(evidence)}${at}`;
}

/** What `onTrip` made of it. */
function consequence({ after }: ToldDecision): string {
  if (after === 'rolling_back') return 'What the plan says of a trip: hosts are rolled back';
  if (after === 'aborting') return 'What the plan says of a trip: the rollout is aborted';
  return 'No further host starts until a person answers';
}

function became({ after }: ToldDecision): string {
  return after === null ? '' : `: ${after.replaceAll('_', ' ')}`;
}

function because({ reason }: ToldDecision): string {
  return reason ? ` (${reason.message})` : '';
}

function decided(told: ToldDecision): string {
  if (isKind(told.kind)) return BY_KIND[told.kind](told);
  // a rollout that supersedes this one needs its hosts
  if (told.kind === 'abort') return `Aborted by gofleet${because(told)}`;
  return `${told.kind}${became(told)}${because(told)}`;
}

function acted(told: ToldDecision): string {
  const { kind, asked } = told;
  if (kind === 'quarantine') return 'quarantined a host, which is skipped here';
  return isVerb(kind) ? BY_VERB[kind](asked ?? {}, told) : `did ${kind}${became(told)}`;
}

function isKind(kind: string): kind is keyof typeof BY_KIND {
  return Object.hasOwn(BY_KIND, kind);
}

function isVerb(kind: string): kind is Verb['kind'] {
  return Object.hasOwn(BY_VERB, kind);
}

/** Hosts that a sentence names; the rest is counted. */
const SHOWN = 5;
/** As many as a stored decision keeps. */
const KEPT = 100;

function named({ hosts: names }: ToldDecision): string {
  if (names.length === 0) return '';
  const rest = names.length - SHOWN;
  const more = rest > 0 ? [`${rest}${names.length >= KEPT ? ' or more' : ''} others`] : [];
  const list = [...names.slice(0, SHOWN), ...more];
  if (list.length === 1) return `; the host is ${list[0]}`;
  return `; the hosts are ${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
}
