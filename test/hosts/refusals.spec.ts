import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { archive, project, toolchain, type Archive } from './support/archive.ts';
import { install, seen, versionCheck, visitor, type Wish } from './support/visit.ts';

let lab: Lab;
let go: Archive;

beforeAll(async () => {
  lab = await startLab({
    hosts: [
      { name: 'root', diskMb: 64 },
      { name: 'operator', user: 'operator', diskMb: 64 },
      { name: 'plain', user: 'plain', diskMb: 64 },
      { name: 'deploy', user: 'deploy', diskMb: 64 },
    ],
  });
  go = await toolchain('1.21.5', 16);
});
afterAll(() => lab.stop());

interface Refusal {
  what: string;
  host?: string;
  make?: (host: LabHost) => Promise<unknown>;
  mend?: (host: LabHost) => Promise<unknown>;
  wish?: Wish;
  version?: string;
  code: string;
  message: RegExp;
  attempts?: number;
  state?: string;
}

const run = (script: string) => (host: LabHost) => host.run(script);

const REFUSALS: Refusal[] = [
  {
    what: 'a full disk',
    make: (host) => host.fill(1),
    mend: (host) => host.free(),
    code: 'disk',
    message: /needs [\d.]+ MB free, the host has [\d.]+ (MB|kB)/,
  },
  {
    what: 'a disk on which nothing can be written at all',
    make: (host) => host.fill(),
    mend: (host) => host.free(),
    code: 'disk',
    message: /full \(\d+(\.\d+)? k?B free\)/,
  },
  {
    what: 'no inodes',
    make: (host) => host.fillInodes(),
    mend: (host) => host.free(),
    code: 'inodes',
    message: /free inodes/,
  },
  {
    what: 'a root folder below one that others may write',
    make: run('chmod 777 /opt'),
    mend: run('chmod 755 /opt'),
    code: 'root_unsafe',
    message: /\/opt .*mode 777/,
  },
  {
    what: 'a root folder that a link leads out of what is safe',
    make: run('mkdir -p /var/open/deep; chmod 1777 /var/open; ln -s /var/open/deep /srv/link'),
    wish: { root: '/srv/link/gofleet' },
    code: 'root_unsafe',
    message: /\/var\/open .*mode 1777/,
  },
  {
    what: 'a root folder on a file system where nothing may run',
    make: run('mkdir -p /srv/quiet && mount -t tmpfs -o noexec,mode=755 none /srv/quiet'),
    mend: run('umount /srv/quiet'),
    wish: { root: '/srv/quiet/gofleet' },
    code: 'root_unsafe',
    message: /noexec/,
  },
  {
    what: 'a root folder that cannot be made',
    make: run('mkdir -p /srv/still && mount -t tmpfs -o ro,mode=755 none /srv/still'),
    mend: run('umount /srv/still'),
    wish: { root: '/srv/still/gofleet' },
    code: 'root_unsafe',
    message: /cannot be written.*Read-only/,
  },
  {
    what: 'a root folder with a name that a shell would read',
    wish: { root: '/opt/$(reboot)' },
    code: 'root_unsafe',
    message: /cannot be the folder/,
  },
  {
    what: 'a platform that the bundle does not have',
    version: 'plan9',
    code: 'platform',
    message: /linux\/amd64.*plan9\/mips/,
  },
  {
    what: 'a missing tool',
    make: run('mv $(command -v gzip) /root/gzip'),
    mend: run('mv /root/gzip /usr/bin/gzip'),
    code: 'tools',
    message: /lacks gzip/,
  },
  {
    what: 'a login shell that runs nothing',
    host: 'deploy',
    make: run('usermod -s /usr/sbin/nologin deploy'),
    mend: run('usermod -s /bin/bash deploy'),
    code: 'tools',
    message: /login shell.*not available/,
  },
  {
    what: 'a wrong password for sudo',
    host: 'operator',
    wish: { become: { user: 'root', password: 'wrong' } },
    code: 'sudo',
    message: /sudo to root failed/,
  },
  {
    what: 'no password where sudo wants one',
    host: 'operator',
    wish: { become: { user: 'root' } },
    code: 'sudo',
    message: /password is required/,
  },
  {
    what: 'a user whom sudo does not know',
    host: 'plain',
    wish: { become: { user: 'root', password: 'any' } },
    code: 'sudo',
    message: /sudo to root failed/,
  },
  {
    what: 'a key that the host does not accept',
    wish: { key: 'stranger' },
    code: 'auth',
    message: /neither key nor password/,
  },
  {
    what: 'a host key that is not the pinned one',
    make: (host) => host.changeKey(),
    mend: (host) => host.restoreKey(),
    code: 'host_key_changed',
    message: /SHA256:.*pinned is SHA256:/,
  },
  {
    what: 'a host that refuses connections',
    make: (host) => host.link({ refused: true }),
    mend: (host) => host.link({}),
    code: 'refused',
    message: /refused/,
    attempts: 3,
    state: 'unreachable',
  },
  {
    what: 'a host that says nothing',
    make: (host) => host.link({ blackhole: true }),
    mend: (host) => host.link({}),
    wish: { timeouts: { connect: 300, step: 1000, host: 20_000 } },
    code: 'timeout',
    message: /in time/,
    attempts: 3,
    state: 'unreachable',
  },
];

describe.each(REFUSALS)('$what', (row) => {
  const { host: name = 'root', make, mend, wish, code, message, version = '1.21.5' } = row;

  it(`is ${row.state ?? 'failed'} (${code}) and sends nothing`, async () => {
    const host = lab.hosts.find((each) => each.name === name)!;
    const { visit, keep } = visitor(lab);
    keep(go);
    await make?.(host);
    try {
      const outcome = await visit(host, operationsFor(version), wish);
      expect(outcome.message, JSON.stringify(outcome)).toMatch(message);
      expect(outcome).toMatchObject({
        state: row.state ?? 'failed',
        code,
        attempts: row.attempts ?? 1,
        bytesSent: 0,
        switched: false,
      });
      expect(outcome.remedy).toMatch(/\.$/);
    } finally {
      await mend?.(host);
    }
  });
});

it('after all that the hosts are as they were, and can be installed', async () => {
  for (const host of lab.hosts) {
    const { visit, keep } = visitor(lab);
    keep(go);
    const outcome = await visit(host, operationsFor('1.21.5'), { rollout: 'after' });
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded' });
  }
});

describe('after the switch', () => {
  it('a check that fails leaves the host on the new version', async () => {
    const host = lab.hosts[0]!;
    const { visit, keep } = visitor(lab);
    const next = keep(await toolchain('1.22.0', 16));
    const before = await seen(host);
    const wanted = install({ version: '1.22.0', go: next, checks: [versionCheck('1.22.9')] });
    const outcome = await visit(host, wanted, { rollout: 'bad' });
    expect(outcome).toMatchObject({ state: 'failed', code: 'health', switched: true });
    expect(outcome.message).toContain('go1.22.9');
    expect((await host.run('go version')).stdout).toContain('go1.22.0');
    expect(await visit(host, wanted, { rollout: 'bad' })).toMatchObject({
      state: 'failed',
      code: 'health',
      switched: false,
      bytesSent: 0,
    });
    await visit(host, wanted, { rollout: 'bad', task: 'rollback' });
    expect(await seen(host)).toEqual(before);
  });

  it('a project that does not build is health too, and is built again the next time', async () => {
    const host = lab.hosts[2]!;
    const { visit, keep } = visitor(lab);
    keep(go);
    const pack = keep(await archive({ 'modules/example.com/a/@v/list': { text: 'v1.0.0\n' } }));
    const broken = keep(await project('sample', 'broken'));
    const wanted = install({ version: '1.21.5', go, pack, project: broken, exportGoroot: true });
    const outcome = await visit(host, wanted, { rollout: 'build' });
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'failed', code: 'health' });
    expect(outcome.message).toContain('goBuild sample');
    expect(await visit(host, wanted, { rollout: 'build' })).toMatchObject({
      state: 'failed',
      code: 'health',
      bytesSent: broken.size,
    });
    const left = await host.listing([`${host.home}/.gofleet/staging`]);
    expect(left.map(({ path }) => path)).toEqual([`${host.home}/.gofleet/staging`]);
  });
});

function operationsFor(version: string) {
  const operations = install({ version: '1.21.5', go });
  const [toolchains] = operations;
  if (version === 'plan9' && toolchains?.operation === 'go-toolchain')
    toolchains.archives = toolchains.archives.map((each) => ({
      ...each,
      os: 'plan9',
      arch: 'mips',
    }));
  return operations;
}
