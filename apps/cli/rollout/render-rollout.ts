import type { Batch, Counts, Rollout, RollbackTaken, RolloutSummary } from '#api';
import { renderTable, type Column } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { counted } from '../values.ts';
import { actionLines } from './action-lines.ts';

const COLOR: Record<string, keyof Colors> = {
  running: 'cyan',
  paused: 'yellow',
  waiting: 'cyan',
  baking: 'cyan',
  rolling_back: 'yellow',
  aborting: 'yellow',
  tripped: 'red',
  failed: 'red',
  lost: 'red',
  unreachable: 'red',
  rollback_failed: 'red',
  completed_with_errors: 'red',
  succeeded: 'green',
  passed: 'green',
};

/** A state in its colour. */
export function stateText(state: string, colors: Colors): string {
  const paint = colors[COLOR[state] ?? 'reset'];
  return typeof paint === 'function' ? paint(state) : state;
}

/** All that `rollout status` says: how it stands, why, the batches, and what may be done. */
export function renderRollout(rollout: Rollout, colors: Colors, again = ''): string {
  const { id, name, reason, counts, batches, allowedActions, warnings } = rollout;
  return [
    headline(rollout, colors),
    ...(reason ? [reasonText(reason, colors)] : []),
    `plan ${rollout.planDigest}  bundle ${rollout.bundle.name}  playbook ${rollout.playbook}  by ${rollout.requester}`,
    `created ${rollout.createdAt}${rollout.startedAt ? `  started ${rollout.startedAt}` : ''}${timing(rollout)}`,
    '',
    renderBatches(batches, colors),
    '',
    countsText(counts),
    ...waitLines(rollout),
    ...warnings.map((warning) => `${colors.yellow('warning')}: ${warning}`),
    ...(rollout.rollback ? rollbackLines(rollout.rollback) : []),
    ...(rollout.refresh ? refreshLines(rollout.refresh) : []),
    ...(rollout.extended ? extendedLines(rollout.extended) : []),
    ...(allowedActions.length > 0
      ? [
          '',
          `What may be done with ${name}:`,
          ...actionLines(allowedActions, id, { reason, batches, counts, again }),
        ]
      : []),
  ].join('\n');
}

export function headline(
  { name, id, state, percentComplete }: RolloutSummary,
  colors: Colors,
): string {
  return `${colors.bold(name)}  ${id}  ${stateText(state, colors)}  ${percentComplete.toFixed(1)} %`;
}

export function reasonText(reason: NonNullable<Rollout['reason']>, colors: Colors): string {
  const decision = reason.decision === undefined ? '' : ` (decision ${reason.decision})`;
  return `${colors.yellow(reason.code)}: ${reason.message}${decision}`;
}

function timing({ finishedAt, eta }: RolloutSummary): string {
  if (finishedAt) return `  finished ${finishedAt}`;
  return eta ? `  expected to end ${eta}` : '';
}

/** One line a batch. */
export function renderBatches(batches: readonly Batch[], colors: Colors): string {
  const columns: Column<Batch>[] = [
    { title: 'BATCH', cell: ({ number }) => String(number), align: 'right' },
    { title: 'STATE', cell: ({ state }) => stateText(state, colors) },
    { title: 'HOSTS', cell: ({ size }) => String(size), align: 'right' },
    { title: 'OK', cell: ({ counts }) => String(counts.succeeded), align: 'right' },
    { title: 'FAILED', cell: ({ counts }) => String(counts.failed + counts.lost), align: 'right' },
    { title: 'UNREACHABLE', cell: ({ counts }) => String(counts.unreachable), align: 'right' },
    { title: 'AT WORK', cell: ({ counts }) => String(atWork(counts)), align: 'right' },
    { title: 'PENDING', cell: ({ counts }) => String(counts.pending), align: 'right' },
    { title: 'ROLLED BACK', cell: ({ counts }) => String(counts.rolledBack), align: 'right' },
    { title: 'TRIPS AT', cell: ({ tripsAt }) => String(tripsAt), align: 'right' },
    { title: 'DELAY', cell: ({ delay }) => delay, align: 'right' },
    { title: '', cell: ({ reason }) => reason?.message ?? '' },
  ];
  return renderTable(batches, columns);
}

const LABELS: [keyof Counts, string][] = [
  ['pending', 'pending'],
  ['queued', 'queued'],
  ['running', 'running'],
  ['failed', 'failed'],
  ['unreachable', 'unreachable'],
  ['lost', 'lost'],
  ['cancelled', 'cancelled'],
  ['skipped', 'skipped'],
  ['rollingBack', 'rolling back'],
  ['rolledBack', 'rolled back'],
  ['rollbackFailed', 'rollback failed'],
  ['excluded', 'excluded'],
  ['acknowledged', 'acknowledged'],
];

/** `350 hosts: 139 succeeded (3 unchanged), 9 failed, 200 pending`: what is 0 is left out. */
export function countsText(counts: Counts): string {
  const unchanged = counts.unchanged > 0 ? ` (${counts.unchanged} unchanged)` : '';
  const others = LABELS.filter(([key]) => counts[key] > 0).map(
    ([key, label]) => `${counts[key]} ${label}`,
  );
  return `${counted(counts.planned, 'host')}: ${[`${counts.succeeded} succeeded${unchanged}`, ...others].join(', ')}`;
}

export function atWork({ queued, running, rollingBack }: Counts): number {
  return queued + running + rollingBack;
}

/** What it waits for and until when, and who approved. */
export function waitLines({ waits, approval }: Pick<Rollout, 'waits' | 'approval'>): string[] {
  const by = approval && approval.by.length > 0 ? ` (by ${approval.by.join(', ')})` : '';
  return waits.map(({ message, until }) => {
    const names = message.startsWith('approval') ? by : '';
    return `waits for ${message}${names}${until === null ? '' : `, until ${until}`}`;
  });
}

/** What a refresh changed of each host, and what it left alone. */
export function refreshLines(refresh: NonNullable<Rollout['refresh']>): string[] {
  if (refresh.length === 0) return ['refreshed: nothing differs'];
  return refresh.flatMap(({ host, changes, leftAlone }) => [
    leftAlone === undefined ? `refreshed ${host}:` : `left alone: ${host}: ${leftAlone}`,
    ...changes.map(
      ({ key, before, after }) => `  ${key}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
    ),
  ]);
}

function extendedLines({ hosts, excluded, batches }: NonNullable<Rollout['extended']>): string[] {
  const aside = excluded === 0 ? '' : `, ${excluded} in quarantine left out`;
  const which = batches.length === 1 ? `batch ${batches[0]}` : `batches ${batches.join(', ')}`;
  return [`added ${counted(hosts, 'host')} as ${which}${aside}`];
}

/** What a rollback took and what it left alone. */
export function rollbackLines({ scope, batch, hosts, leftAlone }: RollbackTaken): string[] {
  const what = batch === null ? scope : `${scope} ${batch}`;
  return [
    `rolling back (${what}): ${counted(hosts.length, 'host')}`,
    ...leftAlone.map(
      ({ host, reason }) => `  left alone: ${host}: ${reason.message} (${reason.code})`,
    ),
  ];
}
