import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type InventoryOptions, type Lab } from '../lab/index.ts';
import { cli } from '../stack/stack.ts';

let lab: Lab;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-cli-'));
  lab = await startLab({
    hosts: [
      { name: 'good' },
      { name: 'sudo', user: 'deploy' },
      { name: 'asks', user: 'operator' },
      { name: 'full' },
      { name: 'down' },
    ],
  });
});

afterAll(() => lab.stop());

async function inventory(options: InventoryOptions = {}): Promise<string> {
  const file = join(folder, 'inventory.yaml');
  await writeFile(file, lab.inventoryYaml(options));
  return file;
}

function host(name: string) {
  const found = lab.hosts.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
}

interface Pinged {
  name: string;
  ok: boolean;
  code?: string;
  remedy?: string;
}

async function ping(file: string, ...words: string[]) {
  const places = ['--keys', lab.keys, '--secrets', lab.secrets, '--timeout', '5'];
  const ran = await cli(['hosts', 'ping', '-i', file, ...places, '--json', ...words]);
  const rows = JSON.parse(ran.stdout) as Pinged[];
  return {
    code: ran.code,
    results: Object.fromEntries(rows.map((row) => [row.name, row.code ?? 'ok'])),
  };
}

it('ping: every host that is fit is ok, as root and by sudo', async () => {
  expect(await ping(await inventory())).toEqual({
    code: 0,
    results: { good: 'ok', sudo: 'ok', asks: 'ok', full: 'ok', down: 'ok' },
  });
});

it('ping: what is wrong has a code of its own, and holds no other host up', async () => {
  await host('full').fill();
  await host('down').stop();
  await host('good').changeKey();
  const file = await inventory({ becomePassword: 'secret:env:GOFLEET_SECRET_NOT_SET' });
  const { code, results } = await ping(file);
  expect(results).toEqual({
    good: 'host_key_changed',
    sudo: 'ok',
    asks: 'secret_missing',
    full: 'disk',
    down: 'refused',
  });
  expect(code).toBe(1);
  expect((await ping(file, 'down')).code).toBe(3);
  expect((await ping(file, 'sudo')).code).toBe(0);
  await host('good').restoreKey();
  await host('full').free();
  await host('down').start();
});

it('ping changes nothing on the host', async () => {
  const places = ['/opt', '/etc', '/root', '/usr/local'];
  const before = await host('good').listing(places);
  await ping(await inventory(), 'good');
  expect(await host('good').listing(places)).toEqual(before);
});

it('ping sends no credential to a host whose key nobody pinned', async () => {
  const { results, code } = await ping(await inventory({ pins: false }), 'good');
  expect(results).toEqual({ good: 'host_key_unknown' });
  expect(code).toBe(3);
});

it('scan writes a known_hosts that ping can use, and shows a difference the second time', async () => {
  const file = await inventory({ pins: false });
  const known = join(folder, 'known_hosts');
  const scan = (...words: string[]) => cli(['hosts', 'scan', '-i', file, '-o', known, ...words]);

  const first = await scan();
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^good .* new +ED25519 SHA256:/m);
  expect((await readFile(known, 'utf8')).trim().split('\n').length).toBeGreaterThanOrEqual(5);
  expect((await ping(file, '--known-hosts', known, 'good:sudo')).code).toBe(0);

  const written = await readFile(known, 'utf8');
  expect((await scan()).stdout).toMatch(/^good .* known /m);
  expect(await readFile(known, 'utf8')).toBe(written);

  await host('good').changeKey();
  const third = await scan();
  expect(third.code).toBe(1);
  expect(third.stdout).toMatch(/^good .* CHANGED .* was /m);
  expect(await readFile(known, 'utf8')).toBe(written);
  await host('good').restoreKey();

  await host('down').stop();
  expect((await scan('down')).code).toBe(3);
});
