import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { toolchain, type Archive } from './support/archive.ts';
import { install, seen, visitor } from './support/visit.ts';

/** What people had at the places before gofleet came. */
const EARLIER: [what: string, script: string, answer: string][] = [
  [
    'a real folder at /usr/local/go',
    `mkdir -p /usr/local/go/bin; printf '#!/bin/sh\\necho go version go1.4 linux/amd64\\n' >/usr/local/go/bin/go
     chmod 755 /usr/local/go/bin/go; chown -R 1234:1234 /usr/local/go; chmod 700 /usr/local/go/bin
     ln -s /usr/local/go/bin/go /usr/local/bin/go`,
    'go1.4',
  ],
  [
    'a link at /usr/local/go and a program at /usr/local/bin/go',
    `mkdir -p /srv/go/bin; ln -s /srv/go /usr/local/go; chown -h 1234:1234 /usr/local/go
     printf '#!/bin/sh\\necho go version go1.5 linux/amd64\\n' >/usr/local/bin/go; chmod 751 /usr/local/bin/go`,
    'go1.5',
  ],
  [
    'a profile of another hand and a dangling link',
    `echo 'GOROOT=/elsewhere' >/etc/profile.d/gofleet.sh; chmod 640 /etc/profile.d/gofleet.sh
     ln -s /nowhere /usr/local/go`,
    '',
  ],
  [
    'a Go of the distribution',
    `printf '#!/bin/sh\\necho go version go1.6 linux/amd64\\n' >/usr/bin/go; chmod 755 /usr/bin/go`,
    'go1.6',
  ],
];

let lab: Lab;
let go: Archive;

beforeAll(async () => {
  lab = await startLab({ hosts: EARLIER.map(() => ({ diskMb: 128 })) });
  go = await toolchain('1.21.5', 16);
});
afterAll(() => lab.stop());

it.each(EARLIER.map((row, at) => [...row, at] as const))(
  '%s comes back',
  async (_, script, answer, at) => {
    const host = lab.hosts[at]!;
    const { visit, keep } = visitor(lab);
    keep(go);
    await host.run(script);
    const before = await seen(host);
    const wanted = install({ version: '1.21.5', go, exportGoroot: true });
    const there = await visit(host, wanted);
    expect(there, JSON.stringify(there)).toMatchObject({ state: 'succeeded', switched: true });
    expect((await host.run('go version', { login: true })).stdout).toContain('go1.21.5');
    expect((await host.run('/usr/local/go/bin/go version')).stdout).toContain('go1.21.5');
    const again = await visit(host, wanted);
    expect(again, JSON.stringify(again)).toMatchObject({ unchanged: true });
    const back = await visit(host, wanted, { task: 'rollback' });
    expect(back, JSON.stringify(back)).toMatchObject({ state: 'rolled_back' });
    expect(await seen(host)).toEqual(before);
    expect((await host.run('go version')).stdout).toContain(answer);
  },
);

it('an exchange that was cut off is finished by the next script, in either direction', async () => {
  const host = lab.hosts[0]!;
  const { visit, keep } = visitor(lab);
  keep(go);
  const wanted = install({ version: '1.21.5', go });
  const before = await seen(host);
  expect(await visit(host, wanted, { rollout: 'X' })).toMatchObject({ state: 'succeeded' });
  const kept = '/usr/local/go.gofleet-X';
  await host.run(
    `rm /usr/local/go; printf 'place\\t/usr/local/go\\t/opt/gofleet/current/go\\t${kept}\\n' >/opt/gofleet/journal`,
  );
  expect(await visit(host, wanted, { rollout: 'X' })).toMatchObject({ state: 'succeeded' });
  expect((await host.run('readlink /usr/local/go')).stdout.trim()).toBe('/opt/gofleet/current/go');
  await host.run(
    `rm /usr/local/go; printf 'give back\\t/usr/local/go\\t-\\t${kept}\\n' >/opt/gofleet/journal`,
  );
  const back = await visit(host, wanted, { rollout: 'X', task: 'rollback' });
  expect(back, JSON.stringify(back)).toMatchObject({ state: 'rolled_back' });
  expect(await seen(host)).toEqual(before);
});
