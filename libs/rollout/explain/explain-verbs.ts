import { hosts } from './explain-evidence.ts';
import type { ToldDecision } from './explain.ts';
import type { Verb } from '../verbs/verbs.ts';

/** What of a verb is kept with its decision: all but the note, which is beside it, and long lists. */
export interface AskedVerb {
  mode?: string;
  acknowledge?: number;
  batch?: number;
  inflight?: string;
  rollback?: string;
  stopRollback?: boolean;
  scope?: string;
  /** How many were named. */
  hosts?: number;
  states?: string[];
  targets?: string;
  concurrency?: number;
  budgets?: unknown;
  delays?: unknown;
  windows?: unknown;
}

/** Shortens what was asked: hosts become their number, an inventory is left out. */
export function askedVerb(verb: Verb): AskedVerb {
  const asked: Record<string, unknown> = { ...verb };
  for (const key of ['kind', 'note', 'inventory', 'planDigest']) delete asked[key];
  if ('hosts' in verb && verb.hosts) asked['hosts'] = verb.hosts.length;
  return asked;
}

type Words = (asked: AskedVerb, told: ToldDecision) => string;

/** What a person did, by verb: the sentence begins with who it was. */
export const BY_VERB: Record<Verb['kind'], Words> = {
  pause: (asked) => `paused it${inflight(asked)}`,
  resume: resumed,
  retry: (asked) => `had ${chosen(asked)} run again`,
  rollback: (asked, told) => `asked for a rollback of ${scope(asked, told)}`,
  abort: aborted,
  approve: (_, told) => `approved ${gate(told)}`,
  deny: (_, told) => `denied ${gate(told)}`,
  advance: () => 'ended the present delay, bake or wait for a window',
  skip: (asked) => `dropped ${chosen(asked)}`,
  refresh: (asked) => `had the connection variables of ${chosen(asked)} read again`,
  extend: ({ targets }) => `added hosts${targets === undefined ? '' : ` that match ${targets}`}`,
  patch: (asked) => `changed ${changed(asked)}`,
};

function inflight({ inflight: what }: AskedVerb): string {
  if (what === 'cancel') return '; hosts at work stop at the next safe point';
  return what === 'drain' ? '; hosts at work are finished' : '';
}

function resumed({ mode, acknowledge, batch }: AskedVerb): string {
  if (mode === 'retry') return 'resumed it; what did not succeed runs again first';
  if (mode === 'skip-batch') return `resumed it and left the rest of batch ${batch ?? '?'} out`;
  if (acknowledge !== undefined)
    return `resumed it and accepted the failures of decision ${acknowledge}`;
  return 'resumed it';
}

function chosen({ hosts: named, states }: AskedVerb): string {
  if (named !== undefined) return hosts(named);
  return states ? `all hosts that were ${states.join(' or ')}` : 'all hosts';
}

function scope({ scope: what, hosts: named, batch }: AskedVerb, told: ToldDecision): string {
  const number = batch ?? told.batch;
  if (what === 'hosts') return hosts(named ?? 0);
  if (what === 'failed') return 'the failed hosts';
  if (what === 'all') return 'all hosts';
  return number === null || number === undefined ? 'a batch' : `batch ${number}`;
}

function aborted(asked: AskedVerb): string {
  if (asked.stopRollback) return 'stopped the rollback; hosts not rolled back yet stay as they are';
  const back = {
    batch: ', then the batch that tripped is rolled back',
    all: ', then all hosts are rolled back',
  };
  const after = asked.rollback === 'batch' || asked.rollback === 'all' ? back[asked.rollback] : '';
  return `aborted it${inflight(asked)}${after}`;
}

function gate({ batch }: ToldDecision): string {
  return batch === null ? 'the start' : `the gate of batch ${batch}`;
}

const NUMBERS = ['concurrency', 'budgets', 'delays', 'windows'] as const;

function changed(asked: AskedVerb): string {
  const names = NUMBERS.filter((name) => asked[name] !== undefined);
  return names.length > 0 ? names.join(', ') : 'numbers of the plan';
}
