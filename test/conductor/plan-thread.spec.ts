import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openThreadDraft } from '../../libs/conductor/create/thread-draft.ts';
import { createStand, OPERATOR, planOf } from './stand.ts';

const PLAN = { hosts: 1200, batches: [{ size: 100 }], strategy: { order: 'shuffled' } };

it('draws up in a thread what it draws up here, hosts in pieces and digest', async () => {
  await using stand = await createStand({ threadFrom: 0 });
  await stand.importBundle();
  const text = JSON.stringify(planOf(PLAN));
  const { planDigest, warnings } = await stand.create(PLAN);
  await using other = await createStand();
  await other.importBundle();
  const here = await other.conductor.createRollout(OPERATOR, { text, format: 'json' });
  expect(here.value).toMatchObject({ planDigest, warnings, counts: { planned: 1200 } });
});

it('tells of faults from the thread as of others, with code, line and remedy', async () => {
  await using stand = await createStand({ threadFrom: 0 });
  await stand.importBundle();
  await writeFile(join(stand.folders.inventory, 'empty.yaml'), 'all: { hosts: { a: {} } }');
  const plan = `kind: RolloutPlan
name: p
inventory: empty
targets: all
bundle: go-1.21.5
playbook: install-go
strategy:
  batches: [ { hosts: nobody } ]
`;
  const create = (text: string) =>
    stand.conductor.createRollout(OPERATOR, { text, format: 'yaml' });
  await expect(create(plan)).rejects.toMatchObject({
    code: 'invalid_file',
    remedy: expect.stringContaining('Correct the pattern') as string,
    errors: [{ path: 'strategy.batches[0].hosts', line: 8 }],
  });
  await expect(create(plan.replace('go-1.21.5', 'go-9'))).rejects.toMatchObject({
    code: 'invalid_file',
    errors: [{ path: 'bundle', line: 5 }],
  });
});

it('gives no answer after its thread has ended, and no silence either', async () => {
  const draft = openThreadDraft();
  const source = { text: '{}', format: 'json', mayInline: false, knownHosts: [] } as const;
  const asked = draft.read({
    ...source,
    knownHosts: [],
    folders: { inventory: '', playbooks: '' },
  });
  const ended = draft[Symbol.asyncDispose]();
  await expect(asked).rejects.toThrow(/has ended|invalid|required/);
  await ended;
});
