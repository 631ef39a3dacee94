import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAllow } from './read-allow.ts';

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
    expect(await readAllow(file, trusting)).toEqual(wanted);
});

it('is what the file says, whoever is trusted', async () => {
  const file = join(folder, 'worker.yaml');
  await writeFile(file, 'allow:\n  - { keys: [deploy], hosts: web, networks: [10.0.0.0/8] }\n');
  const rules = [{ secrets: [], keys: ['deploy'], hosts: 'web', networks: ['10.0.0.0/8'] }];
  for (const trusting of [true, false]) expect(await readAllow(file, trusting)).toEqual(rules);
});

it.each([
  ['an unknown key', 'allow: [ { secret: [x], hosts: a, networks: [10.0.0.0/8] } ]', 1],
  ['a network that is none', 'allow:\n  - { hosts: a, networks: [10.0.0.0/33] }', 2],
])('refuses %s with its line', async (_, text, line) => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(file, text);
  await expect(readAllow(file, true)).rejects.toMatchObject({
    code: 'invalid_file',
    errors: [{ line }],
  });
});
