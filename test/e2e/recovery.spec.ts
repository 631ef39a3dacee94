import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recovery } from '#api';
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { cli, install, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

let lab: Lab;
let bundle: string;
let folder: string;

beforeAll(async () => {
  lab = await startLab({
    hosts: ['r1', 'r2', 'r3', 'r4', 's1', 's2'].map((name) => ({ name, diskMb: 96 })),
  });
  bundle = await syntheticBundle({ versions: ['1.21.5', '1.21.6'] });
});
afterAll(() => lab.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-backup-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('the controller restored from last night leaves alone what has moved on, and goes on with the rest', async () => {
  await using stack = await startStack({ lab });
  await stack.import(bundle);
  const night = join(folder, 'night.sqlite');
  const { id } = await stack.api.start(
    plan({
      name: 'nightly',
      targets: 'r*',
      strategy: { batches: [{ size: 2, delay: '5s' }, { size: 2 }] },
    }),
  );
  await stack.api.until(id, ({ counts }) => counts.succeeded === 2);
  const backup = await stack.cli('backup', '-o', night);
  expect(backup, backup.stderr).toMatchObject({ code: 0 });
  expect(backup.stdout).toContain('Not in it');
  await stack.api.untilState(id, 'succeeded');
  const later = await stack.api.start(
    plan({ name: 'morning', targets: 'r4', playbook: install('1.21.6') }),
  );
  await stack.api.untilState(later.id, 'succeeded');

  const restored = await stack.cli('restore', night);
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(await readdir(join(stack.data, 'ledger'))).toContainEqual(
    expect.stringMatching(/^replaced-/),
  );
  expect(await stack.api.rollout(id)).toMatchObject({
    state: 'paused',
    reason: { code: 'recovered' },
    counts: { succeeded: 2, pending: 2 },
  });

  const recovered = await stack.cli('recover', '--json');
  expect(recovered, recovered.stderr).toMatchObject({ code: 0 });
  const { result } = JSON.parse(recovered.stdout) as Recovery;
  expect(result?.epochs.map(({ host }) => host)).toEqual(['r3', 'r4']);
  expect(result?.changed).toEqual([{ host: 'r3', rollout: id }]);
  expect(result?.unknown).toEqual([{ host: 'r4', rollout: later.id }]);
  expect(result?.skipped).toEqual([{ host: 'r4', rollout: id }]);

  const moved = await links();
  expect((await stack.cli('rollout', 'resume', id)).code).toBe(0);
  const end = await stack.api.untilState(id, ['succeeded', 'completed_with_errors', 'paused']);
  expect(end).toMatchObject({
    state: 'completed_with_errors',
    counts: { succeeded: 3, skipped: 1 },
  });
  expect(await links()).toEqual(moved);
});

it('a second controller with a copy of the ledger touches nothing, and says that there is another', async () => {
  await using stack = await startStack({ lab });
  await stack.import(bundle);
  const first = await stack.api.start(
    plan({ name: 'first', targets: 's*', playbook: install('1.21.5') }),
  );
  await stack.api.untilState(first.id, 'succeeded');
  const copy = join(folder, 'copy.sqlite');
  expect((await stack.cli('backup', '-o', copy)).code).toBe(0);
  const next = await stack.api.start(
    plan({ name: 'next', targets: 's*', playbook: install('1.21.6') }),
  );
  await stack.api.untilState(next.id, 'succeeded');
  const moved = await links();

  const data = join(folder, 'second');
  await using staging = await startStack({ data, lab });
  await staging.stop();
  const restored = await cli(['restore', copy, '--other-fleet', '--data', data]);
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(restored.stdout).toContain('No controller runs');
  await using second = await startStack({ data, lab });
  await second.import(bundle);
  const stale = await second.api.start(
    plan({ name: 'stale', targets: 's*', playbook: install('1.21.5') }),
  );
  await second.api.until(stale.id, ({ counts }) => counts.failed === 2);
  const rows = await second.api.hosts(stale.id);
  expect(rows.map(({ code }) => code)).toEqual(Array(2).fill('host_ahead'));
  expect(rows[0]?.remedy).toContain('gofleet recover');
  expect(await alert(second, stale.id)).toContain('host_ahead');
  expect(await links()).toEqual(moved);
});

it('refuses a file that is no ledger, and goes on with its own', async () => {
  await using stack = await startStack({ lab });
  const refused = await stack.cli('restore', import.meta.filename);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain('no SQLite database');
  expect((await stack.api.get('/v1/rollouts')).status).toBe(200);
});

/** The first alert of a rollout, as those who follow its events are told. */
async function alert({ api: { url, token } }: Stack, id: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const events = `${url}/v1/rollouts/${id}/events?format=ndjson`;
  const { body } = await fetch(events, { headers, signal: AbortSignal.timeout(20_000) });
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    const line = text.split('\n').find((each) => each.includes('"alert"'));
    if (line !== undefined) return line;
  }
  throw new Error(`there is no alert in: ${text}`);
}

/** Where the one link of each host leads. */
async function links(): Promise<string[]> {
  const seen = lab.hosts.map((host) =>
    host.run('readlink /opt/gofleet/current; stat -c %i /opt/gofleet/current'),
  );
  return (await Promise.all(seen)).map(({ stdout }) => stdout);
}
