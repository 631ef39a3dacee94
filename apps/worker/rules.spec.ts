import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRules, type AskedHost } from './rules.ts';

const FILE = `allow:
  - { secrets: [sudo, GOFLEET_SECRET_X], hosts: "web:&dc1:!old" }
  - { keys: [deploy, /etc/ssh/key], networks: [10.0.0.0/8, "fd00::/8"] }
  - { keys: [deploy], hosts: "~db[0-9]+" }
`.replace('"~db[0-9]+"', '"~db\\\\d+"');

const web1: AskedHost = { name: 'web1', groups: ['web', 'dc1'], address: '192.0.2.1' };
const old1: AskedHost = { name: 'old1', groups: ['web', 'dc1', 'old'], address: '192.0.2.2' };
const inside: AskedHost = { name: 'a', groups: [], address: '10.1.2.3' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-rules-'));
  await writeFile(join(folder, 'worker.yaml'), FILE);
});
afterAll(() => rm(folder, { recursive: true }));

describe('worker.yaml allows', () => {
  it.each([
    ['a secret for a host of the pattern', 'secrets', 'sudo', web1, true],
    ['no secret for a host that the pattern leaves out', 'secrets', 'sudo', old1, false],
    ['no secret for a host of no such group', 'secrets', 'sudo', inside, false],
    ['no secret that it does not name', 'secrets', 'other', web1, false],
    ['no key by the name of a secret', 'keys', 'sudo', web1, false],
    ['a key within a network', 'keys', 'deploy', inside, true],
    ['a key within an IPv6 network', 'keys', 'deploy', { ...inside, address: 'fd12::1' }, true],
    ['a key by its path', 'keys', '/etc/ssh/key', inside, true],
    ['no key outside of the networks', 'keys', 'deploy', web1, false],
    ['a key by a regular expression', 'keys', 'deploy', { ...web1, name: 'db12' }, true],
  ] as const)('%s', async (_, kind, name, host, wanted) => {
    const allows = await readRules(join(folder, 'worker.yaml'), false);
    const mutable = { ...host, groups: [...host.groups] };
    expect(await allows(kind, name, mutable)).toBe(wanted);
  });
});

it.each([true, false])('without the file all or nothing: %s', async (trusting) => {
  for (const file of [undefined, join(folder, 'none.yaml')])
    expect(await (await readRules(file, trusting))('keys', 'deploy', web1)).toBe(trusting);
});

it.each([
  ['an unknown key', 'allow: [ { secret: [x] } ]', 1],
  ['a network that is none', 'allow:\n  - { keys: [x], networks: [10.0.0.0/33] }', 2],
  ['a place in a list of hosts', 'allow:\n\n  - { keys: [x], hosts: "web[0]" }', 3],
  ['a file of hosts', 'allow:\n  - { keys: [x], hosts: "@list" }', 2],
])('refuses %s with its line', async (_, text, line) => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(file, text);
  await expect(readRules(file, true)).rejects.toMatchObject({
    code: 'invalid_file',
    errors: [{ line }],
  });
});
