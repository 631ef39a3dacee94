import type { GofleetError } from '#errors';
import type { Moment } from '../view/asking.ts';
import type { Change, HostSelection } from '../view/change.ts';
import type { NamedHost } from '../view/host.ts';
import { conflict } from './refusals.ts';
import { stay } from '../rules/roll-back.ts';
import { SKIPPABLE_STATES, type Asked } from './verbs.ts';

/** Drops hosts that have not started or not succeeded: they count as nothing from now, and nothing waits for them. */
export function planSkip(
  view: Moment,
  { states }: Asked<'skip'>,
  named: readonly NamedHost[],
): Change {
  const select = states ? byState(view, states) : byName(view, named);
  return { ...stay(view), hosts: [{ select, set: 'skip' }] };
}

function byState(view: Moment, states: NonNullable<Asked<'skip'>['states']>): HostSelection {
  const hosts = view.batches.flatMap(({ counts }) => states.map((state) => counts.states[state]));
  if (hosts.every((count) => count === 0))
    throw conflict(view, `no host is ${states.join(' or ')}`, {
      remedy: 'Look at the hosts of the rollout and name other states.',
    });
  return { states: [...states] };
}

const SKIPPABLE: readonly string[] = SKIPPABLE_STATES;

function byName(view: Moment, named: readonly NamedHost[]): HostSelection {
  const wrong = named.filter(({ state }) => !SKIPPABLE.includes(state) && state !== 'skipped');
  if (wrong.length > 0) throw notSkippable(view, wrong);
  return { numbers: named.map(({ number }) => number), states: [...SKIPPABLE_STATES] };
}

function notSkippable(view: Moment, wrong: readonly NamedHost[]): GofleetError {
  const list = wrong.slice(0, 5).map(({ name, state }) => `${name} (${state})`);
  return conflict(view, `cannot be skipped: ${list.join(', ')}`, {
    remedy: 'Leave these out: hosts at work end first, and what succeeded is rolled back instead.',
    details: { hosts: wrong.slice(0, 100).map(({ name, state }) => ({ name, state })) },
  });
}
