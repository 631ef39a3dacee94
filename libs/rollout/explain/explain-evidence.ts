import { formatDuration } from '#units';
import type { Evidence } from '../view/decision.ts';

/** The numbers of a rule in words: `9 of 100 hosts failed, 8 are tolerated`. */
export function explainEvidence(evidence: Evidence): string {
  const words = BY_RULE[evidence.rule] ?? judged;
  return words(evidence);
}

/** What the numbers of each rule are, by its name. */
export const BY_RULE: Record<string, (evidence: Evidence) => string> = {
  // more hosts failed than are tolerated
  failure_budget: (evidence) => counted(evidence, 'failed'),
  // more hosts could not be reached than are tolerated
  unreachable_budget: (evidence) => counted(evidence, 'could not be reached'),
  // too many failures look alike, whatever the budgets
  signature_concentration: (evidence) => counted(evidence, 'failed in the same way'),
  // no host of a batch succeeded
  batch_failed: ({ denominator }) => `none of ${hosts(denominator)} succeeded, one has to`,
  // a batch was at work for too long
  deadline: ({ numerator, limit }) =>
    `${formatDuration(numerator)} at work, ${formatDuration(limit)} are allowed`,
  // a batch is within its budget
  pass_gate: (evidence) => counted(evidence, 'failed'),
};

function counted(evidence: Evidence, what: string): string {
  const { numerator, denominator, limit, acknowledged } = evidence;
  const aside = acknowledged > 0 ? `, ${acknowledged} more acknowledged` : '';
  return `${numerator} of ${hosts(denominator)} ${what}, ${limit} tolerated${aside}`;
}

/** A rule without words of its own. */
function judged({ numerator, denominator, limit }: Evidence): string {
  return `${numerator} of ${denominator}, the limit is ${limit}`;
}

/** `1 host`, `2 hosts` */
export function hosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`;
}
