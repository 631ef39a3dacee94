import type { RolloutHost } from '#api';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { install, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

/** Hosts that cannot be worked on, each for its own reason, among hosts that can. */
const UNFIT = {
  down: 'refused',
  silent: 'timeout',
  stranger: 'auth',
  unpinned: 'host_key_unknown',
  swapped: 'host_key_changed',
  wrongsudo: 'sudo',
  nosudo: 'sudo',
  full: 'disk',
  noinodes: 'inodes',
  unsafe: 'root_unsafe',
} as const;

let lab: Lab;
let stack: Stack;
let hosts: Map<string, RolloutHost>;

beforeAll(async () => {
  lab = await startLab({
    hosts: [
      { name: 'good1', diskMb: 256 },
      { name: 'good2', diskMb: 256, user: 'deploy' },
      { name: 'down', diskMb: 64 },
      { name: 'silent', diskMb: 64 },
      { name: 'stranger', diskMb: 64 },
      { name: 'unpinned', diskMb: 64 },
      { name: 'swapped', diskMb: 64 },
      { name: 'wrongsudo', diskMb: 64, user: 'operator' },
      { name: 'nosudo', diskMb: 64, user: 'plain' },
      { name: 'full', diskMb: 64 },
      { name: 'noinodes', diskMb: 64 },
      { name: 'unsafe', diskMb: 64 },
    ],
  });
  await host('down').stop();
  await host('silent').link({ blackhole: true });
  await host('swapped').changeKey();
  await host('full').fill();
  await host('noinodes').fillInodes();
  await host('unsafe').run('mkdir -p /opt && chmod 777 /opt');
  stack = await startStack({ lab, inventory: spoiltInventory() });
  await writeFile(join(stack.data, 'secrets/wrong'), 'not-the-password');
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
  const started = await stack.api.start(
    plan({ budgets: { maxFailures: '100%' }, playbook: install('1.21.5') }),
  );
  await stack.api.untilState(started.id, 'completed_with_errors');
  const rows = await stack.api.hosts(started.id);
  hosts = new Map(rows.map((row) => [row.name, row]));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

describe.each(Object.entries(UNFIT))('the host %s', (name, code) => {
  it(`ends with the code ${code} and a remedy`, () => {
    expect(hosts.get(name)).toMatchObject({
      code,
      state: code === 'refused' || code === 'timeout' ? 'unreachable' : 'failed',
      changed: false,
    });
    expect(hosts.get(name)?.remedy).toMatch(/\w{3}/);
  });
});

it('holds nobody else up', () => {
  expect([hosts.get('good1')?.state, hosts.get('good2')?.state]).toEqual([
    'succeeded',
    'succeeded',
  ]);
});

it('does not even knock where no key is pinned', async () => {
  expect((await host('unpinned').counters()).connections).toBe(0);
});

it.each(['stranger', 'swapped', 'wrongsudo', 'nosudo', 'full', 'noinodes', 'unsafe'])(
  'tries %s once, since no second try can be better',
  async (name) => {
    expect((await host(name).counters()).connections).toBe(1);
  },
);

it('tries again where that can help', async () => {
  expect((await host('silent').counters()).connections).toBe(2);
});

it.each(['unpinned', 'swapped'])('sends no credential to %s', async (name) => {
  const log = await host(name).log();
  expect(log.text).not.toMatch(/publickey|password for/i);
  expect(log.sessions()).toBe(0);
});

it.each(['full', 'noinodes', 'unsafe'])('sends %s none of the bundle', async (name) => {
  expect((await host(name).counters()).bytesIn).toBeLessThan(60_000);
});

function host(name: string): LabHost {
  const found = lab.hosts.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
}

/** The lab's inventory with what these hosts get wrong. */
function spoiltInventory(): string {
  const inventory = parse(lab.inventoryYaml()) as {
    all: { hosts: Record<string, Record<string, unknown>> };
  };
  const { hosts: vars } = inventory.all;
  Object.assign(vars.stranger ?? {}, { ansible_ssh_private_key_file: 'stranger' });
  Object.assign(vars.wrongsudo ?? {}, { ansible_become_password: 'secret:file:wrong' });
  Object.assign(vars.nosudo ?? {}, { ansible_become: true });
  delete vars.unpinned?.gofleet_host_key;
  return stringify(inventory);
}
