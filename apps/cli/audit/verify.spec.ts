import { expect, it } from 'vitest';
import { auditHash, type AuditEntry } from '#api';
import { run } from '../../../test/cli/run.ts';
import { json, serve } from '../../../test/cli/serve.ts';

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let id = 1; id <= length; id++) {
    const entry: AuditEntry = {
      id,
      at: '2026-12-01T01:00:00.000Z',
      who: 'olga',
      token: 'o',
      role: 'operator',
      verb: 'pause',
      rollout: null,
      note: `note ${id}`,
      before: null,
      after: { state: 'paused' },
      hash: null,
    };
    entries.push({ ...entry, hash: auditHash(entries.at(-1)?.hash ?? null, entry) });
  }
  return entries;
}

/** A controller with this audit, two entries a page. */
async function controller(entries: AuditEntry[]) {
  const { url } = await serve(({ path }, response) => {
    const query = new URL(path, 'http://x').searchParams;
    expect(query.get('order')).toBe('asc');
    const from = Number(query.get('cursor') ?? 0);
    const nextCursor = from + 2 < entries.length ? String(from + 2) : null;
    json(response, 200, { items: entries.slice(from, from + 2), nextCursor });
  });
  return { GOFLEET_URL: url, GOFLEET_TOKEN: 'x' };
}

async function verify(entries: AuditEntry[], ...words: string[]) {
  return run(['audit', 'verify', ...words], await controller(entries));
}

it('reads the audit page by page and prints its head', async () => {
  const entries = chain(5);
  const { stdout, code } = await verify(entries);
  expect(stdout).toBe(`5 entries verified\nhead 5:${entries[4]?.hash}\n`);
  expect(code).toBe(0);
});

it('ends with 1 and names the first entry that was removed', async () => {
  const entries = chain(5);
  const { stdout, code } = await verify(entries.toSpliced(2, 1));
  expect(stdout).toContain('entry 3 was removed: the audit is not what it was (removed)\n');
  expect(stdout).toContain('2 entries before verified');
  expect(code).toBe(1);
});

it('says the same in JSON', async () => {
  const { stdout, code } = await verify(chain(5).toSpliced(2, 1), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verified: 2, fault: { first: 3, kind: 'removed' } });
  expect(code).toBe(1);
});

it('an entry that was kept elsewhere tells that the end was cut off, or all of it made anew', async () => {
  const entries = chain(5);
  const head = `5:${entries[4]?.hash}`;
  expect((await verify(entries, '--head', head)).code).toBe(0);
  const cut = await verify(entries.slice(0, 4), '--head', head);
  expect(cut.stdout).toContain('entry 5 was removed');
  expect(cut.code).toBe(1);
  const anew = await verify(chain(6).slice(0, 5).map(rewritten()), '--head', head);
  expect(anew.stdout).toContain('entry 5 is not the one that was kept');
  expect(anew.code).toBe(1);
});

/** The whole chain made anew by somebody who knows how. */
function rewritten() {
  let before: string | null = null;
  return (entry: AuditEntry): AuditEntry => {
    const forged = { ...entry, who: 'nobody' };
    before = auditHash(before, forged);
    return { ...forged, hash: before };
  };
}

it('a head that is none is wrong use', async () => {
  const { stderr, code } = await run(['audit', 'verify', '--head', 'yesterday']);
  expect(stderr).toContain('ID:HASH');
  expect(code).toBe(2);
});
