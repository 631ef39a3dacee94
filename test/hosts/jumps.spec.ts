import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openJumps, resolveCredentials, type JumpNames, type Jumps, type SecretPlaces } from '#ssh';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { toolchain, type Archive } from './support/archive.ts';
import { install, visitor, type Visited, type Wish } from './support/visit.ts';

let lab: Lab;
let gate: LabHost;
let inner: LabHost;
let hosts: LabHost[];
let host: LabHost;
let go: Archive;
let jumps: Jumps;

beforeAll(async () => {
  lab = await startLab({
    hosts: ['gate', 'inner', 'a', 'b', 'c', 'd'].map((name) => ({ name, diskMb: 64 })),
  });
  [gate, inner, ...hosts] = lab.hosts as [LabHost, LabHost, ...LabHost[]];
  host = hosts[0]!;
  go = await toolchain('1.21.5', 12_288);
});
afterAll(() => lab.stop());

beforeEach(async () => {
  await jumps?.[Symbol.asyncDispose]();
  jumps = openJumps({ places: places(), user: 'root' });
  for (const each of lab.hosts) await each.link({});
  for (const each of hosts) await each.run('rm -rf /opt/gofleet /usr/local/go');
});

function places(more: Partial<SecretPlaces> = {}): SecretPlaces {
  return { keysFolder: lab.keys, secretsFolder: lab.secrets, env: {}, allow: 'all', ...more };
}

function over(...way: LabHost[]): JumpNames[] {
  return way.map(({ name, address, port, hostKey, user }) => {
    return { name, groups: [], address, port, user, keyFile: 'lab', hostKeys: [hostKey] };
  });
}

interface Through extends Wish {
  handshakesPerJump?: number;
  connect?: number;
}

async function visit(to: LabHost, way: JumpNames[], wish: Through = {}): Promise<Visited> {
  const { handshakesPerJump = 8, connect: timeout = 3000, ...more } = wish;
  const visits = visitor(lab);
  visits.keep(go);
  return visits.visit(to, install({ version: '1.21.5', go }), {
    ...more,
    deps: {
      ...more.deps,
      async connect() {
        const { name, address, port, user, hostKey } = to;
        const connection = { address, keyFile: 'lab', jumps: way };
        const { credentials } = await resolveCredentials(
          { name, groups: [], connection },
          places(),
        );
        const target = { address, port, user, hostKeys: [hostKey] };
        return jumps.connect(target, credentials, { timeout, jumps: way, handshakesPerJump });
      },
    },
  });
}

async function sessions(of: LabHost): Promise<number> {
  return (await of.log()).sessions();
}

it('all hosts behind a jump host share one connection to it', async () => {
  const [before, opened] = [await sessions(gate), (await gate.counters()).connections];
  const visits = await Promise.all(hosts.map((each) => visit(each, over(gate))));
  expect(visits.map(({ state, message }) => message ?? state)).toEqual(
    hosts.map(() => 'succeeded'),
  );
  expect(await sessions(gate)).toBe(before + 1);
  const { connections, bytesIn } = await gate.counters();
  expect(connections).toBe(opened + 1);
  expect(bytesIn).toBeGreaterThan(hosts.length * go.size);
});

it('a chain leads through one jump host after the other', async () => {
  const before = [await sessions(gate), await sessions(inner)];
  const visits = await Promise.all(hosts.map((each) => visit(each, over(gate, inner))));
  expect(visits.map(({ state, message }) => message ?? state)).toEqual(
    hosts.map(() => 'succeeded'),
  );
  expect([await sessions(gate), await sessions(inner)]).toEqual(before.map((count) => count + 1));
});

it('so many handshakes go through it at once and no more', async () => {
  for (const each of hosts) await each.link({ delayMs: 40 });
  const openings = async (handshakesPerJump: number) => {
    await Promise.all(hosts.map((each) => visit(each, over(gate), { handshakesPerJump })));
    const last = await Promise.all(
      hosts.map(async (each) => (await each.counters()).openedAt.at(-1)!),
    );
    const [first = 0, ...rest] = last.toSorted((a, b) => a - b);
    return rest.map((at) => at - first);
  };
  expect(Math.max(...(await openings(8)))).toBeLessThan(150);
  const [second = 0, third = 0, fourth = 0] = await openings(1);
  // a handshake takes four round trips at least
  expect(second).toBeGreaterThan(300);
  expect(third - second).toBeGreaterThan(300);
  expect(fourth - third).toBeGreaterThan(300);
});

interface Fault {
  what: string;
  way?: () => JumpNames[];
  make?: () => Promise<unknown>;
  mend?: () => Promise<unknown>;
  code: string;
  message: RegExp;
  /** Logins that the jump host saw refused. */
  refusals?: number;
}

const FAULTS: Fault[] = [
  {
    what: 'is not pinned',
    way: () => over(gate).map((jump) => ({ ...jump, hostKeys: [] })),
    code: 'host_key_unknown',
    message: /^jump host gate: no host key is pinned/,
  },
  {
    what: 'has another key',
    make: () => gate.changeKey(),
    mend: () => gate.restoreKey(),
    code: 'host_key_changed',
    message: /^jump host gate: .* shows the host key/,
  },
  {
    what: 'refuses the login',
    way: () => over(gate).map((jump) => ({ ...jump, keyFile: 'stranger' })),
    code: 'auth',
    message: /^jump host gate: .* accepts neither key nor password/,
    refusals: 1,
  },
  {
    what: 'has a key that the worker lacks',
    way: () => over(gate).map((jump) => ({ ...jump, keyFile: 'nobody' })),
    code: 'secret_missing',
    message: /^jump host gate: the key nobody cannot be read/,
  },
  {
    what: 'is away',
    make: () => gate.link({ refused: true }),
    code: 'refused',
    message: /^jump host gate: /,
  },
  {
    what: 'says nothing',
    make: () => gate.link({ blackhole: true }),
    code: 'timeout',
    message: /^jump host gate: .*no answer in time/,
  },
  {
    what: 'opens no channels',
    make: () => gate.run('echo AllowTcpForwarding no >>/etc/ssh/sshd_config; kill -HUP 1; sleep 1'),
    mend: () => gate.run('sed -i /AllowTcpForwarding/d /etc/ssh/sshd_config; kill -HUP 1; sleep 1'),
    code: 'refused',
    message: /^jump host gate: it opens no channel to/,
  },
];

it.each(FAULTS)('a jump host that $what is no outcome of the host behind it', async (fault) => {
  const { make, mend, way = () => over(gate), code, message, refusals = 0 } = fault;
  const refused = (await gate.log()).refusals();
  const { connections } = await host.counters();
  await make?.();
  const retries = { attempts: 2, backoff: 10, maxBackoff: 20 };
  const outcome = await visit(host, way(), { retries, connect: 500 });
  await mend?.();
  expect(outcome, JSON.stringify(outcome)).toMatchObject({
    state: 'released',
    ownFault: 'site_unavailable',
    code,
    switched: false,
    bytesSent: 0,
  });
  expect(outcome.message).toMatch(message);
  expect((await gate.log()).refusals()).toBe(refused + refusals);
  expect((await host.counters()).connections).toBe(connections);
});

it('a login that a jump host refused is not tried again for the next host', async () => {
  const refused = (await gate.log()).refusals();
  const strange = over(gate).map((jump) => ({ ...jump, keyFile: 'stranger' }));
  for (const each of hosts)
    expect(await visit(each, strange)).toMatchObject({ state: 'released', code: 'auth' });
  expect((await gate.log()).refusals()).toBe(refused + 1);
});

it('what the rules of the worker do not allow is not used for a jump host', async () => {
  const allow = [{ keys: ['lab'], secrets: [], hosts: 'others', networks: ['127.0.0.0/8'] }];
  jumps = openJumps({ places: places({ allow }), user: 'root' });
  expect(await visit(host, over(gate))).toMatchObject({
    state: 'released',
    code: 'secret_not_allowed',
    message: expect.stringMatching(
      /^jump host gate: this worker may not use the key lab/,
    ) as string,
  });
  const inGroup = over(gate).map((jump) => ({ ...jump, groups: ['others'] }));
  expect(await visit(host, inGroup)).toMatchObject({ state: 'succeeded' });
});

it('a host that is away behind a jump host that answers is unreachable', async () => {
  await host.link({ refused: true });
  expect(await visit(host, over(gate))).toMatchObject({ state: 'unreachable', code: 'refused' });
  await host.link({ blackhole: true });
  const silent = await visit(host, over(gate), {
    retries: { attempts: 1, backoff: 10, maxBackoff: 20 },
    connect: 1000,
  });
  expect(silent, JSON.stringify(silent)).toMatchObject({ state: 'unreachable', code: 'timeout' });
  await host.link({});
  const name = { ...over(gate)[0]!, name: 'nowhere' };
  const lost = await visit({ ...host, address: 'no-such-host.invalid' }, [name]);
  expect(lost, JSON.stringify(lost)).toMatchObject({ state: 'unreachable', code: 'name_unknown' });
});

it('a connection to the jump host that breaks while it is used is opened anew, and the upload goes on', async () => {
  const cut = go.size / 2;
  const before = await sessions(gate);
  await gate.link({ cutAfterBytes: cut, cuts: 1 });
  const outcome = await visit(host, over(gate));
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect(outcome.bytesSent).toBeLessThan(go.size * 1.4);
  expect(await sessions(gate)).toBe(before + 2);
});

it('a jump host that dies while hosts upload through it is no outcome of theirs', async () => {
  await gate.link({ bytesPerSecond: 2_000_000 });
  const retries = { attempts: 2, backoff: 10, maxBackoff: 20 };
  const visits = Promise.all(
    hosts.map((each) => visit(each, over(gate), { retries, connect: 500 })),
  );
  while ((await gate.counters()).bytesIn < 3_000_000) await sleep(50);
  await gate.stop();
  for (const outcome of await visits)
    expect(outcome, JSON.stringify(outcome)).toMatchObject({
      state: 'released',
      ownFault: 'site_unavailable',
    });
  await gate.start();
  await gate.link({});
  await sleep(1100);
  expect(await visit(host, over(gate))).toMatchObject({ state: 'succeeded' });
});

it('a jump host that falls silent is found out, and the host behind it is not blamed', async () => {
  await visit(host, over(gate));
  await gate.link({ blackhole: true });
  const outcome = await visit(hosts[1]!, over(gate), {
    retries: { attempts: 1, backoff: 10, maxBackoff: 20 },
    connect: 1000,
  });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({
    state: 'released',
    ownFault: 'site_unavailable',
    message: expect.stringMatching(/^jump host gate: /) as string,
  });
});
