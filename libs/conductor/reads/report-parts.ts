import type {
  AuditEntry,
  DecisionRecord,
  FailureGroup,
  Page,
  PageQuery,
  ReportAbout,
  ReportHost,
} from '#api';
import { listAudit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import { listDecisions } from './decisions.ts';
import { listGroups } from './failures.ts';
import { reportHosts } from './report-hosts.ts';

/** One entry of a section of a report; sections and their keys come in the order of canonical JSON. */
export type ReportPart =
  | { section: 'audit'; entry: AuditEntry }
  | { section: 'decisions'; entry: DecisionRecord }
  | { section: 'failures'; entry: Omit<FailureGroup, 'shared'> }
  | { section: 'hosts'; entry: ReportHost };

export const SECTIONS = ['audit', 'decisions', 'failures', 'hosts'] as const;

/** What a report consists of: read as it is written, never held as a whole. */
export interface ReportSource {
  generatedAt: string;
  about: ReportAbout;
  parts: AsyncIterable<ReportPart>;
}

export async function* reportParts(engine: Engine, id: string): AsyncGenerator<ReportPart> {
  for await (const entry of all((page) =>
    listAudit(engine, { ...page, order: 'asc', rollout: id }),
  ))
    yield { section: 'audit', entry };
  for await (const entry of all((page) => listDecisions(engine, id, page)))
    yield { section: 'decisions', entry };
  for (const entry of await engine.ledger.read((queries) => listGroups(queries, id)))
    yield { section: 'failures', entry };
  for await (const entry of reportHosts(engine, id)) yield { section: 'hosts', entry };
}

/** Every entry of a list, a page at a time. */
async function* all<T>(list: (page: PageQuery) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await list({ limit: 100, cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
