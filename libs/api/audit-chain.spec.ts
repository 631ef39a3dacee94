import { assert, asyncProperty, constantFrom, json, nat, pre } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from './access.ts';
import { auditHash, verifyAudit } from './audit-chain.ts';

function entry(id: number, said: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    at: new Date(Date.UTC(2026, 5, 1) + id * 1000).toISOString(),
    who: 'olga',
    token: 'o',
    role: 'operator',
    verb: 'pause',
    rollout: '01J',
    note: `note ${id}`,
    before: { state: 'running' },
    after: { state: 'paused', decision: id },
    hash: null,
    ...said,
  };
}

/** So many entries of which the first few are from before the chain. */
function chain(length: number, unchained = 0): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let id = 1; id <= length; id++) {
    const next = entry(id);
    const hash = id <= unchained ? null : auditHash(entries.at(-1)?.hash ?? null, next);
    entries.push({ ...next, hash });
  }
  return entries;
}

const at = (entries: AuditEntry[], id: number) => entries.findIndex((each) => each.id === id);

it('makes every hash anew and names the last entry that is right', async () => {
  const entries = chain(5);
  expect(await verifyAudit(entries)).toEqual({
    verified: 5,
    unchained: 0,
    head: { id: 5, hash: entries[4]?.hash },
    fault: null,
  });
  expect(await verifyAudit([])).toMatchObject({ verified: 0, head: null, fault: null });
});

it('says of entries from before the chain that they are unchained', async () => {
  expect(await verifyAudit(chain(5, 2))).toMatchObject({ verified: 3, unchained: 2, fault: null });
});

describe('names the first entry that is not what it was', () => {
  it.each<[string, (entries: AuditEntry[]) => AuditEntry[], Record<string, unknown>]>([
    [
      'a note that was changed',
      (all) => all.with(at(all, 3), { ...entry(3), note: 'nothing', hash: all[2]?.hash ?? null }),
      {
        first: 3,
        last: 3,
        kind: 'changed',
        message: 'entry 3 was changed, or entry 2 together with its hash',
      },
    ],
    [
      'what was before, deep inside',
      (all) => all.with(at(all, 4), { ...all[3]!, before: { state: 'paused' } }),
      { first: 4, kind: 'changed' },
    ],
    [
      'an entry that was changed together with its hash',
      (all) => {
        const forged = entry(3, { who: 'nobody' });
        return all.with(2, { ...forged, hash: auditHash(all[1]?.hash ?? null, forged) });
      },
      { first: 4, kind: 'changed' },
    ],
    [
      'the last entry, changed',
      (all) => all.with(5, { ...all[5]!, who: 'nobody' }),
      {
        first: 6,
        kind: 'changed',
        message: expect.stringContaining('or it was put in at the end'),
      },
    ],
    [
      'an entry that was removed',
      (all) => all.toSpliced(2, 1),
      { first: 3, last: 3, kind: 'removed', message: 'entry 3 was removed' },
    ],
    [
      'several that were removed',
      (all) => all.toSpliced(1, 3),
      { first: 2, last: 4, kind: 'removed', message: 'entries 2 to 4 were removed' },
    ],
    ['the first, removed', (all) => all.slice(1), { first: 1, last: 1, kind: 'removed' }],
    [
      'an entry that was put in, all later ones renumbered',
      (all) => [
        ...all.slice(0, 3),
        entry(4, { who: 'nobody', hash: 'a'.repeat(64) }),
        ...all.slice(3).map((each) => ({ ...each, id: each.id + 1 })),
      ],
      { first: 4, kind: 'inserted', message: 'entry 4 was put in' },
    ],
    [
      'an entry without a hash in the chain',
      (all) => all.with(3, entry(4)),
      { first: 4, kind: 'inserted' },
    ],
  ])('%s', async (_, tamper, fault) => {
    expect((await verifyAudit(tamper(chain(6)))).fault).toMatchObject(fault);
  });
});

it('finds any change of any entry, at that entry', async () => {
  const entries = chain(8);
  const keys = [
    'at',
    'who',
    'token',
    'role',
    'verb',
    'rollout',
    'note',
    'before',
    'after',
  ] as const;
  await assert(
    asyncProperty(
      nat(7),
      constantFrom(...keys),
      json().map((text): unknown => JSON.parse(text)),
      async (index, key, value) => {
        const tampered = { ...entries[index]!, [key]: value };
        pre(JSON.stringify(tampered) !== JSON.stringify(entries[index]));
        const { fault, verified } = await verifyAudit(entries.with(index, tampered));
        expect(fault).toMatchObject({ first: index + 1, kind: 'changed' });
        expect(verified).toBe(index);
      },
    ),
  );
});
