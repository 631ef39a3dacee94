import type { Outcome, StepRecord } from '#api';

/** A step as a line of the host's log. */
export function stepLine({ at, name, ok, ms, detail }: StepRecord): string {
  const end = ok ? 'done' : 'FAILED';
  return `${at} ${name}: ${end} after ${ms} ms${detail === undefined ? '' : `: ${detail}`}`;
}

/** The end of a claim, and where it did not succeed why and what to do. */
export function outcomeLines({ state, unchanged, code, message, remedy }: Outcome): string {
  const end = `${new Date().toISOString()} ${unchanged ? `${state}, nothing to do` : state}`;
  const why = code === undefined ? '' : ` (${code}): ${message ?? ''}`;
  return end + why + (remedy === undefined ? '' : `\n  remedy: ${remedy}`);
}
