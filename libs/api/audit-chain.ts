import { createHash } from 'node:crypto';
import { canonicalJson } from '#rollout';
import type { AuditEntry } from './access.ts';

/** What of an entry its hash is made of: all that it says, its place aside, which is the chain's to say. */
export type Chained = Omit<AuditEntry, 'id' | 'hash'>;

/**
 * The hash of an entry: SHA-256, in hex, of the hash before it (nothing, where it is the first), a line feed, and the
 * entry as canonical JSON. Whoever changes an entry has to change every later one.
 */
export function auditHash(before: string | null, entry: Chained): string {
  const { at, who, token, role, verb, rollout, note, before: was, after } = entry;
  const said = canonicalJson({ at, who, token, role, verb, rollout, note, before: was, after });
  return createHash('sha256')
    .update(`${before ?? ''}\n${said}`)
    .digest('hex');
}

/** Where the chain breaks: the first entry that is not what it was. */
export interface AuditFault {
  /** Of the first entry that is concerned; the last too, where several were removed. */
  first: number;
  last: number;
  kind: 'changed' | 'removed' | 'inserted';
  message: string;
}

/** What a look at the whole audit found. */
export interface AuditVerdict {
  /** Entries whose hash was made anew and is right. */
  verified: number;
  /** Entries from before the chain was kept: nothing is known of them. */
  unchained: number;
  /** The last entry that is right: whoever keeps it elsewhere can tell later that nothing up to it was rewritten. */
  head: { id: number; hash: string } | null;
  fault: AuditFault | null;
}

/** Makes every hash anew, oldest entry first, and stops at the first that is not right. */
export async function verifyAudit(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
): Promise<AuditVerdict> {
  const verdict: AuditVerdict = { verified: 0, unchained: 0, head: null, fault: null };
  let previous: AuditEntry | undefined;
  /** Its hash is wrong; what comes after it tells why. */
  let doubted: AuditEntry | undefined;
  for await (const entry of entries) {
    if (doubted) return { ...verdict, fault: faultAt(doubted, previous, entry) };
    if (entry.hash === null && verdict.head === null) verdict.unchained++;
    else if (entry.hash === auditHash(verdict.head?.hash ?? null, entry)) {
      verdict.verified++;
      verdict.head = { id: entry.id, hash: entry.hash };
    } else doubted = entry;
    if (!doubted) previous = entry;
  }
  return doubted ? { ...verdict, fault: faultAt(doubted, previous, undefined) } : verdict;
}

/** Why the hash of an entry is wrong, by the entries before and after it. */
function faultAt(
  wrong: AuditEntry,
  before: AuditEntry | undefined,
  after: AuditEntry | undefined,
): AuditFault {
  const hash = before?.hash ?? null;
  const missing = (before?.id ?? 0) + 1;
  if (wrong.hash === null || (after && after.hash === auditHash(hash, after)))
    return { ...only(wrong.id), kind: 'inserted', message: `entry ${wrong.id} was put in` };
  if (missing < wrong.id) {
    const last = wrong.id - 1;
    const which = missing === last ? `entry ${missing} was` : `entries ${missing} to ${last} were`;
    return { first: missing, last, kind: 'removed', message: `${which} removed` };
  }
  const also = [
    ...(before?.hash ? [`entry ${before.id} together with its hash`] : []),
    ...(after ? [] : ['it was put in at the end']),
  ];
  const message = [`entry ${wrong.id} was changed`, ...also].join(', or ');
  return { ...only(wrong.id), kind: 'changed', message };
}

function only(id: number): { first: number; last: number } {
  return { first: id, last: id };
}
