import type { AuditEntry, DecisionRecord, FailureGroup, ReportAbout, ReportHost } from '#api';
import { trustText } from '../bundles/judge.ts';
import { createDigest } from './report-json.ts';
import { SECTIONS, type ReportPart, type ReportSource } from './report-parts.ts';

/** The report as one page to print: no script, nothing from elsewhere; it ends with the digest of the same in JSON. */
export async function* reportHtml({
  generatedAt,
  about,
  parts,
}: ReportSource): AsyncGenerator<string> {
  const digest = createDigest(about);
  yield head(about) + summary(about, generatedAt);
  let present = -1;
  for await (const part of parts) {
    digest.add(part);
    const index = SECTIONS.indexOf(part.section);
    for (; present < index; present++) yield between(present);
    yield row(part);
  }
  for (; present < SECTIONS.length; present++) yield between(present);
  digest.end();
  yield foot(about.rollout.id, digest.hex());
}

/** Text as it may stand in HTML. */
export function escape(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return text.replaceAll(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:2em;color:#111}h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.25em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}thead{display:table-header-group}tr{break-inside:avoid}dt{font-weight:600;float:left;clear:left;width:10em}dd{margin-left:11em}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;padding:1em}code{overflow-wrap:anywhere}@media print{body{margin:0;font-size:10px}}`;

function head({ rollout }: ReportAbout): string {
  const title = `Evidence of ${escape(rollout.name)}`;
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>\n<body><h1>${title}</h1>\n`
  );
}

function summary(about: ReportAbout, generatedAt: string): string {
  const { rollout, plan, operations, trust, warnings, approvals } = about;
  const facts: [string, unknown][] = [
    ['rollout', rollout.id],
    ['state', rollout.state],
    ['reason', rollout.reason?.message ?? ''],
    ['plan', rollout.planDigest],
    ['bundle', `${rollout.bundle.name} sha256:${rollout.bundle.digest}`],
    ['signature', trust === null ? '' : trustText(trust)],
    ['playbook', rollout.playbook],
    ['inventory', `${rollout.inventory}: ${rollout.targets}`],
    ['asked for by', rollout.requester],
    ['created', rollout.createdAt],
    ['started', rollout.startedAt],
    ['ended', rollout.finishedAt],
    ['hosts', counted(rollout.counts)],
    ['read', generatedAt],
  ];
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${escape(value) || '–'}</dd>`);
  return [
    `<dl>${list.join('')}</dl>\n`,
    section(
      'Batches',
      ['batch', 'state', 'hosts', 'tolerated', 'started', 'gate opened', 'counts'],
      rollout.batches.map((batch) => [
        batch.number,
        batch.state,
        batch.size,
        batch.maxFailures,
        batch.startedAt,
        batch.passedAt,
        counted(batch.counts),
      ]),
    ),
    section(
      'Approvals',
      ['decision', 'at', 'who', 'answer', 'of', 'note'],
      approvals.map(({ decision, at, by, answer, batch, note }) => [
        decision,
        at,
        by,
        answer,
        batch === null ? 'the start' : `batch ${batch}`,
        note,
      ]),
    ),
    ...(warnings.length > 0
      ? [
          section(
            'Warnings',
            ['warning'],
            warnings.map((each) => [each]),
          ),
        ]
      : []),
    `<h2>Plan</h2>\n<pre>${escape(JSON.stringify({ ...plan, operations }, null, 2))}</pre>\n`,
  ].join('');
}

function counted(counts: Record<string, number>): string {
  const some = Object.entries(counts).filter(([, hosts]) => hosts > 0);
  return some.map(([what, hosts]) => `${what} ${hosts}`).join(', ');
}

function section(title: string, columns: string[], rows: unknown[][]): string {
  return rows.length === 0 ? '' : open(title, columns) + rows.map(cells).join('') + CLOSE;
}

function open(title: string, columns: readonly string[]): string {
  const titles = columns.map((column) => `<th>${column}</th>`).join('');
  return `<h2>${title}</h2>\n<table><thead><tr>${titles}</tr></thead><tbody>\n`;
}

const CLOSE = '</tbody></table>\n';

function cells(values: readonly unknown[]): string {
  return `<tr>${values.map((value) => `<td>${escape(value)}</td>`).join('')}</tr>\n`;
}

/** Title and columns of each section of the report. */
const TABLES: Record<ReportPart['section'], [title: string, columns: string[]]> = {
  audit: ['What people did', ['entry', 'at', 'who', 'verb', 'note', 'before', 'after', 'hash']],
  decisions: ['Decisions', ['number', 'at', 'what', 'numbers']],
  failures: ['Hosts that stand failed', ['signature', 'hosts', 'message', 'names']],
  hosts: [
    'Hosts',
    ['number', 'host', 'batch', 'state', 'began and ended', 'attempts', 'before', 'after'],
  ],
};

/** What is written after the section with this index and before the next. */
function between(present: number): string {
  const next = SECTIONS[present + 1];
  return (present >= 0 ? CLOSE : '') + (next ? open(...TABLES[next]) : '');
}

function row(part: ReportPart): string {
  switch (part.section) {
    case 'audit':
      return cells(auditCells(part.entry));
    case 'decisions':
      return cells(decisionCells(part.entry));
    case 'failures':
      return cells(failureCells(part.entry));
    case 'hosts':
      return cells(hostCells(part.entry));
    default:
      throw new TypeError(part satisfies never);
  }
}

function auditCells({ id, at, who, role, verb, note, before, after, hash }: AuditEntry): unknown[] {
  return [id, at, `${who} (${role})`, verb, note, before, after, hash ?? 'unchained'];
}

function decisionCells({ number, at, explanation, evidence }: DecisionRecord): unknown[] {
  const numbers = evidence
    ? `${evidence.rule}: ${evidence.numerator} of ${evidence.denominator}, limit ${evidence.limit}`
    : '';
  return [number, at, explanation, numbers];
}

function failureCells(group: Omit<FailureGroup, 'shared'>): unknown[] {
  const { signature, count, message, hosts } = group;
  return [signature, count, message, hosts.join(', ')];
}

function hostCells(host: ReportHost): unknown[] {
  const { number, name, address, batch, state, code, message, startedAt, endedAt } = host;
  const attempts = host.attempts.map(
    ({ epoch, task, worker, outcome }) => `${epoch} ${task} by ${worker}: ${outcome ?? 'at work'}`,
  );
  const why = code === null ? '' : ` (${code}: ${message ?? ''})`;
  return [
    number,
    `${name} ${address}`,
    batch,
    `${state}${host.unchanged ? ', unchanged' : ''}${why}`,
    `${startedAt ?? '–'} to ${endedAt ?? '–'}`,
    attempts.join('; '),
    host.before,
    host.after,
  ];
}

function foot(id: string, sha256: string): string {
  return (
    `<h2>Digest</h2>\n<p>SHA-256 of this report as canonical JSON: <code>${sha256}</code>. The same is ` +
    `<code>sha256</code> in <code>gofleet rollout report ${escape(id)}</code>.</p>\n</body></html>\n`
  );
}
