import { formatDuration } from '#units';
import type { Decision, Evidence } from './decision.ts';

/** A decision in plain words, with its numbers. */
export function explainDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'dispatch':
      return `${hosts(decision.hosts.length)} ${DIRECTIONS[decision.direction]}`;
    case 'startBatch':
      return `batch ${decision.batch} starts`;
    case 'trip':
      return `tripped: ${decision.reason.message} (${explainEvidence(decision.evidence)})`;
    case 'passGate':
      return `the gate of batch ${decision.batch} opens: ${explainEvidence(decision.evidence)}`;
    case 'skipBatch':
      return `batch ${decision.batch} has only skipped hosts`;
    case 'startRollback':
      return `the rollback of ${decision.scope === 'all' ? 'all hosts' : 'the batch'} starts`;
    case 'endRollback':
      return `the rollback has ended: ${decision.state}${decision.reason ? `, ${decision.reason.message}` : ''}`;
    case 'finish':
      return `the rollout has ended: ${decision.state}`;
    case 'wait':
      return decision.reason ? `waits: ${decision.reason.message}` : 'waits';
    default:
      throw new TypeError(decision satisfies never);
  }
}

const DIRECTIONS = {
  forward: 'may start',
  back: 'may be rolled back',
  probe: 'may be looked at again',
} as const;

/** The numbers of a rule in words: `9 of 100 hosts failed, 8 are tolerated`. */
export function explainEvidence(evidence: Evidence): string {
  const { rule, numerator, denominator, limit, acknowledged } = evidence;
  if (rule === 'deadline')
    return `${formatDuration(numerator)} at work, ${formatDuration(limit)} are allowed`;
  if (rule === 'batch_failed') return `${numerator} of ${hosts(denominator)} did not succeed`;
  const what = rule === 'unreachable_budget' ? 'were unreachable' : 'failed';
  const aside = acknowledged > 0 ? `, ${acknowledged} more acknowledged` : '';
  return `${numerator} of ${hosts(denominator)} ${what}, ${limit} tolerated${aside}`;
}

function hosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`;
}
