import type { PlanPreview, PreviewHost } from '#api';
import { formatBytes } from '#units';
import { renderTable, type Column } from '../terminal/table.ts';

type Batch = PlanPreview['batches'][number];

/** Names and groups of hosts that are shown of what may be thousands. */
const SHOWN = 10;

/** A preview for people. */
export function renderPreview(preview: PlanPreview): string {
  return [
    head(preview),
    renderTable(preview.batches, BATCHES),
    radius(preview),
    changes(preview),
    excluded(preview),
    times(preview),
    preview.warnings.map((warning) => `warning: ${warning}`).join('\n'),
    next(preview),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function head({
  name,
  bundle,
  playbook,
  planned,
  inventory,
  targets,
  begins,
  leftOut,
}: PlanPreview) {
  const why = begins.reason ? ` (${begins.reason.code}: ${begins.reason.message})` : '';
  const limited = leftOut.limit === 0 ? '' : `, ${leftOut.limit} more by the limit`;
  return [
    `${name}: ${playbook} with ${bundle.name} on ${hosts(planned)} of ${inventory} (${targets})`,
    `begins as ${begins.state}${why}; ${leftOut.targets} of the inventory are no targets${limited}`,
  ].join('\n');
}

const BATCHES: Column<Batch>[] = [
  { title: 'batch', cell: ({ number }) => String(number), align: 'right' },
  { title: 'hosts', cell: ({ size }) => String(size), align: 'right' },
  { title: 'trips at', cell: ({ tripsAt }) => String(tripsAt), align: 'right' },
  { title: 'most hurt', cell: ({ mostHurt }) => String(mostHurt), align: 'right' },
  { title: 'bake', cell: ({ bake }) => bake, align: 'right' },
  { title: 'delay', cell: ({ delay }) => delay, align: 'right' },
  { title: 'approval', cell: ({ approval }) => (approval ? 'yes' : '') },
  { title: 'ends', cell: ({ endsAt }) => endsAt ?? 'never' },
  { title: '', cell: ({ hosts: names }) => some(names, 3) },
];

function radius({ blastRadius }: PlanPreview): string {
  const { hosts: most, percent, batch, touched, overshoot, strict } = blastRadius;
  const over = strict ? 'strict' : `${overshoot} of them at work already when it trips`;
  return `at most ${hosts(most)} (${percent}%) can be hurt before the gate of batch ${batch} stops it (${over}); that batch changes ${touched}`;
}

function changes({ changes: counts, hosts: all, facts }: PlanPreview): string {
  const said = `${counts.some} would change, ${counts.none} have everything, ${counts.unfit} would fail, ${counts.unknown} unknown`;
  const from = facts === 'live' ? 'as the hosts say now' : 'as the hosts were last seen';
  const known = all.filter(({ change }) => change === 'some' || change === 'unfit');
  const alike = Map.groupBy(known, (host) => described(host));
  const lines = [...alike].slice(0, SHOWN).map(([what, same]) => {
    const names = same.map(({ host }) => host);
    return `  ${hosts(names.length)} (${some(names, 3)}): ${what}`;
  });
  const more =
    alike.size > SHOWN ? [`  and ${alike.size - SHOWN} other kinds; --json has all`] : [];
  return [`${said} (${from})`, ...lines, ...more].join('\n');
}

function described({ change, steps, bytes, code, message }: PreviewHost): string {
  if (change === 'unfit') return `${code}: ${message}`;
  const sent = bytes === null || bytes === 0 ? '' : `, ${formatBytes(bytes)} sent`;
  return steps.join('; ') + sent;
}

function excluded({ excluded: all }: PlanPreview): string {
  const lines = all
    .slice(0, SHOWN)
    .map(({ host, reason }) => `excluded: ${host}: ${reason.message}`);
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more are excluded`] : [];
  return [...lines, ...more].join('\n');
}

function times({ predicted }: PlanPreview): string {
  const { startsAt, endsAt, duration, assumptions } = predicted;
  const when =
    duration === null ? 'it would never end' : `about ${duration}: ${startsAt} to ${endsAt}`;
  return [when, ...assumptions.map((each) => `  if ${each}`)].join('\n');
}

function next({ id, planDigest }: PlanPreview): string {
  return id === null
    ? planDigest
    : `${planDigest}\nplan ${id}: POST /v1/rollouts {"planId": "${id}"}`;
}

function some(names: string[], most: number): string {
  const more = names.length > most ? `, … ${names.length - most} more` : '';
  return names.slice(0, most).join(', ') + more;
}

function hosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`;
}
