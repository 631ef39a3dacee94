import { expect, it } from 'vitest';
import { verifyAudit, type AuditEntry } from '#api';
import { failed } from './fake-worker.ts';
import { ADMIN, createStand, OPERATOR, type Stand } from './stand.ts';

/** Oldest first. */
async function auditOf({ conductor }: Stand): Promise<AuditEntry[]> {
  return (await conductor.listAudit({ limit: 999, order: 'asc' })).items;
}

const NOTE = 'because of OPS-1234';

/** One way to do each thing that changes something, by the use case, and the verbs that it is audited with. */
const DEEDS: Record<string, [does: (stand: Stand, id: string) => Promise<unknown>, verb: string]> =
  {
    createRollout: [(stand) => stand.create({ prefix: 'x', hosts: 1 }), 'create'],
    'act pause': [(stand, id) => stand.act(id, { kind: 'pause', note: NOTE }), 'pause'],
    'act resume': [
      (stand, id) => stand.act(id, { kind: 'resume', mode: 'retry', note: NOTE }),
      'resume',
    ],
    'act retry': [
      (stand, id) => stand.act(id, { kind: 'retry', states: ['failed'], note: NOTE }),
      'retry',
    ],
    'act skip': [(stand, id) => stand.act(id, { kind: 'skip', hosts: ['h1'], note: NOTE }), 'skip'],
    'act patch': [
      (stand, id) => stand.act(id, { kind: 'patch', concurrency: 3, note: NOTE }),
      'patch',
    ],
    'act rollback': [
      (stand, id) => stand.act(id, { kind: 'rollback', scope: 'batch', batch: 1, note: NOTE }),
      'rollback',
    ],
    'act abort': [
      (stand, id) =>
        stand.act(id, {
          kind: 'abort',
          inflight: 'drain',
          rollback: 'none',
          stopRollback: false,
          note: NOTE,
        }),
      'abort',
    ],
    importBundle: [(stand) => stand.importBundle('another'), 'bundle.import'],
    quarantine: [
      ({ conductor }) => conductor.quarantine(ADMIN, 'h2', { note: NOTE }),
      'quarantine',
    ],
    freeze: [
      ({ conductor }) => conductor.freeze(ADMIN, { note: NOTE, rollbacks: false }),
      'freeze',
    ],
    adopt: [({ conductor }) => conductor.adopt(ADMIN, { hosts: 'h*', note: NOTE }), 'adopt'],
    createToken: [
      ({ conductor }) => conductor.createToken(ADMIN, { role: 'viewer' }),
      'token.create',
    ],
    ensureToken: [
      ({ conductor }) => conductor.ensureToken({ name: 'first', role: 'admin', secret: 'gf_x' }),
      'token.create',
    ],
    backUp: [({ conductor }) => conductor.backUp(ADMIN), 'backup'],
  };

/** A rollout that paused because h1 failed. */
async function paused(stand: Stand): Promise<string> {
  await stand.importBundle();
  stand.worker.behave = ({ name, task }) =>
    task === 'forward' && name === 'h1' ? failed('disk') : {};
  const { id } = await stand.create();
  await stand.runUntil(id, 'paused');
  return id;
}

it.each(Object.entries(DEEDS))(
  '%s leaves one entry with who, why, before and after',
  async (name, [does, verb]) => {
    await using stand = await createStand();
    const id = await paused(stand);
    if (name === 'act pause') await stand.act(id, { kind: 'resume', mode: 'retry' });
    const before = await auditOf(stand);
    await does(stand, id);
    const added = (await auditOf(stand)).slice(before.length);
    expect(added.map((each) => each.verb)).toContain(verb);
    const entry = added.findLast((each) => each.verb === verb);
    expect(entry?.who).toMatch(/^(ada|olga|gofleet)$/);
    expect(entry?.after).not.toBeNull();
    if (!/create|import|backup/.test(verb)) expect(entry?.before).not.toBeNull();
    if (name.startsWith('act ')) {
      expect(entry).toMatchObject({
        rollout: id,
        note: NOTE,
        before: { state: expect.any(String) },
      });
    }
    expect(await verifyAudit(await auditOf(stand))).toMatchObject({ fault: null, unchained: 0 });
  },
);

it('what is taken back is audited with what it was', async () => {
  await using stand = await createStand();
  const token = await stand.conductor.createToken(ADMIN, { role: 'viewer', name: 'eve' });
  await stand.conductor.revokeToken(ADMIN, token.id);
  await stand.conductor.freeze(ADMIN, { note: NOTE, rollbacks: true });
  await stand.conductor.unfreeze(ADMIN);
  await stand.conductor.quarantine(ADMIN, 'h2', { note: NOTE });
  await stand.conductor.release(ADMIN, 'h2');
  const entries = await auditOf(stand);
  const of = (verb: string) => entries.find((entry) => entry.verb === verb);
  expect(of('token.revoke')?.before).toMatchObject({ name: 'eve', role: 'viewer' });
  expect(of('freeze')).toMatchObject({ before: { frozen: false }, after: { frozen: true } });
  expect(of('unfreeze')).toMatchObject({ before: { frozen: true, note: NOTE } });
  expect(of('quarantine')).toMatchObject({ before: { quarantined: false }, note: NOTE });
  expect(of('release')).toMatchObject({ before: { host: 'h2' }, after: { quarantined: false } });
});

it('a PATCH is audited with the numbers before and after', async () => {
  await using stand = await createStand();
  const id = await paused(stand);
  await stand.act(id, { kind: 'patch', concurrency: 3, delays: { '2': 60_000 } });
  const entry = (await auditOf(stand)).at(-1);
  expect(entry).toMatchObject({
    verb: 'patch',
    before: { numbers: { concurrency: 50, 'batch 2: delay': 0 } },
    after: { numbers: { concurrency: 3, 'batch 2: delay': 60_000 } },
  });
});

it('what was refused leaves none, and takes nothing of the chain with it', async () => {
  await using stand = await createStand();
  const id = await paused(stand);
  const before = await auditOf(stand);
  await expect(stand.act(id, { kind: 'pause' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(stand.act(id, { kind: 'resume' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  expect(await auditOf(stand)).toEqual(before);
});

it('entries written at once are one chain, also over a restart', async () => {
  await using stand = await createStand();
  const many = (name: string) =>
    Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        stand.conductor.createToken(ADMIN, { role: 'viewer', name: `${name} ${at}` }),
      ),
    );
  await many('a');
  await stand.restart();
  await many('b');
  const entries = await auditOf(stand);
  expect(await verifyAudit(entries)).toMatchObject({ verified: 40, fault: null });
});

it('a change behind its back is found: of an entry, and of the row of a host name in it', async () => {
  await using stand = await createStand();
  const id = await paused(stand);
  await stand.act(id, { kind: 'resume', mode: 'retry', note: 'ok' });
  await stand.ledger.write((queries) =>
    queries.updateTable('audit').set({ who: 'somebody' }).where('verb', '=', 'create').execute(),
  );
  const entries = await auditOf(stand);
  const create = entries.find(({ verb }) => verb === 'create');
  expect((await verifyAudit(entries)).fault).toMatchObject({ first: create?.id, kind: 'changed' });
});

it('entries of a ledger from before the chain are unchained, and the chain begins after them', async () => {
  await using stand = await createStand();
  await stand.conductor.createToken(ADMIN, { role: 'viewer' });
  await stand.ledger.write((queries) => queries.updateTable('audit').set({ hash: null }).execute());
  await stand.conductor.createToken(ADMIN, { role: 'viewer' });
  expect(await verifyAudit(await auditOf(stand))).toMatchObject({
    unchained: 1,
    verified: 1,
    fault: null,
  });
});

it('lists what was done to one rollout, in either order, page by page', async () => {
  await using stand = await createStand();
  const id = await paused(stand);
  await stand.act(id, { kind: 'resume', mode: 'retry' });
  const list = (order: 'asc' | 'desc', cursor?: string) =>
    stand.conductor.listAudit({ limit: 1, order, rollout: id, cursor });
  const first = await list('asc');
  const second = await list('asc', first.nextCursor ?? '');
  expect([...first.items, ...second.items].map(({ verb }) => verb)).toEqual(['create', 'resume']);
  expect(second.nextCursor).toBeNull();
  expect((await list('desc')).items[0]?.verb).toBe('resume');
});

it('writes refused attempts down, one a minute of a token, and says how many were not written', async () => {
  await using stand = await createStand();
  const refusal = { by: OPERATOR, what: 'POST /v1/freeze', code: 'forbidden', address: '::1' };
  for (let attempt = 0; attempt < 5; attempt++) await stand.conductor.noteRefusal(refusal);
  const unknown = { by: undefined, what: 'GET /v1/rollouts', code: 'unauthorized' };
  await stand.conductor.noteRefusal(unknown);
  await stand.conductor.noteRefusal(unknown);
  stand.clock.stall(60_000);
  await stand.conductor.noteRefusal(refusal);
  expect(await auditOf(stand)).toMatchObject([
    { who: 'olga', verb: 'refused', after: { refused: 'POST /v1/freeze', notWritten: 0 } },
    { who: 'unknown', verb: 'refused', after: { code: 'unauthorized' } },
    { who: 'olga', verb: 'refused', after: { notWritten: 4, address: '::1' } },
  ]);
});
