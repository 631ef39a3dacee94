import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWorkerFile } from './worker-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-allow-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each([
  [true, 'all'],
  [false, []],
])('without the file all or nothing: %s', async (trusting, wanted) => {
  for (const file of [undefined, join(folder, 'none.yaml')])
    expect(await readWorkerFile(file, trusting)).toEqual({ allow: wanted, signing: {} });
});

it('is what the file says, whoever is trusted', async () => {
  const file = join(folder, 'worker.yaml');
  await writeFile(file, 'allow:\n  - { keys: [deploy], hosts: web, networks: [10.0.0.0/8] }\n');
  const rules = [{ secrets: [], keys: ['deploy'], hosts: 'web', networks: ['10.0.0.0/8'] }];
  for (const trusting of [true, false])
    expect(await readWorkerFile(file, trusting)).toMatchObject({ allow: rules });
});

it('says who may sign, with files beside it', async () => {
  const file = join(folder, 'signed.yaml');
  await writeFile(
    file,
    'bundlePolicy: require\nallowedSigners: signers\nrevokedKeys: /etc/revoked\n',
  );
  expect(await readWorkerFile(file, false)).toEqual({
    allow: [],
    signing: {
      bundlePolicy: 'require',
      allowedSigners: join(folder, 'signers'),
      revokedKeys: '/etc/revoked',
    },
  });
});

it.each([
  ['a policy that there is not', 'bundlePolicy: maybe', 1],
  ['an unknown key', 'allow: [ { secret: [x], hosts: a, networks: [10.0.0.0/8] } ]', 1],
  ['a network that is none', 'allow:\n  - { hosts: a, networks: [10.0.0.0/33] }', 2],
])('refuses %s with its line', async (_, text, line) => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(file, text);
  await expect(readWorkerFile(file, true)).rejects.toMatchObject({
    code: 'invalid_file',
    errors: [{ line }],
  });
});
