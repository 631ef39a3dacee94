import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Claim, Outcome } from '#api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostVisitor } from '../../apps/worker/visit.ts';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { toolchain, type Archive } from './support/archive.ts';
import { install } from './support/visit.ts';

let lab: Lab;
let go: Archive;
let folder: string;
let epoch = 0;

beforeAll(async () => {
  lab = await startLab({
    hosts: Array.from({ length: 6 }, (_, at) => ({
      name: `h${at}`,
      diskMb: 64,
      user: 'operator' as const,
    })),
  });
  go = await toolchain('1.21.5', 1024);
  folder = await mkdtemp(join(tmpdir(), 'gofleet-secrets-'));
});
afterAll(async () => {
  await lab.stop();
  await rm(folder, { recursive: true });
});

type Wish = Partial<Pick<Claim, 'limits' | 'rollout'>> & { becomePassword?: string };

function claimOf(host: LabHost, { becomePassword = 'operator', ...wish }: Wish): Claim {
  epoch += 1;
  const secret = `secret:file:${becomePassword}`;
  return {
    rollout: 'R1',
    host: 0,
    name: host.name,
    site: 'default',
    groups: [],
    fleet: 'F',
    epoch,
    leaseMs: 15_000,
    task: 'forward',
    adopt: false,
    switched: false,
    connection: {
      address: host.address,
      port: host.port,
      user: host.user,
      keyFile: 'lab',
      become: true,
      becomeUser: 'root',
      becomePassword: secret,
      hostKeys: [host.hostKey],
      jumps: [],
    },
    limits: { handshakesPerJump: 8 },
    operations: install({ version: '1.21.5', go }),
    bundle: null,
    blobs: [{ sha256: go.blob, size: go.size }],
    timeouts: { connect: 5000, step: 60_000, host: 120_000 },
    retries: { attempts: 1, backoff: 50, maxBackoff: 200 },
    ...wish,
  };
}

/** All of them at once, by one worker. */
async function visitAll(secretsFolder: string, claims: Claim[]): Promise<Outcome[]> {
  const places = { keysFolder: lab.keys, secretsFolder, env: {}, allow: 'all' as const };
  const blobs = {
    [Symbol.dispose]: () => undefined,
    open: (_: string, offset: number) => {
      const bytes = go.bytes.subarray(offset);
      async function* read() {
        yield bytes;
      }
      return Promise.resolve({ size: bytes.length, read });
    },
  };
  await using visitor = hostVisitor(places, {
    blobs: () => blobs,
    bundles: { check: async () => undefined },
  });
  const reports = {
    signal: new AbortController().signal,
    step: () => undefined,
    log: () => undefined,
    switching: () => Promise.resolve(),
    mayStartSwitch: () => true,
    outcome: () => Promise.resolve(),
  };
  return await Promise.all(claims.map((claim) => visitor.visit(claim, reports)));
}

it('a wrong password is tried on two hosts, and given back untried for all others', async () => {
  await writeFile(join(folder, 'operator'), 'wrong');
  const sessions = () => Promise.all(lab.hosts.map(async (host) => (await host.log()).sessions()));
  const before = await sessions();
  const outcomes = await visitAll(
    folder,
    lab.hosts.map((host) => claimOf(host, {})),
  );
  const codes = outcomes.map(({ state, code, ownFault }) => [state, code, ownFault].join(' '));
  expect(codes.toSorted()).toEqual([
    'failed sudo ',
    'failed sudo ',
    ...Array.from({ length: 4 }, () => 'released auth_held auth_held'),
  ]);
  const after = await sessions();
  expect(after.filter((count, at) => count > before[at]!)).toHaveLength(2);
});

it('a password that works is used on all hosts, and together they send no more than they may', async () => {
  const rate = 1_000_000;
  const limits = { handshakesPerJump: 8, bandwidth: 4 * rate, perSite: rate };
  const began = performance.now();
  const outcomes = await visitAll(
    lab.secrets,
    lab.hosts.map((host) => claimOf(host, { limits })),
  );
  const seconds = (performance.now() - began) / 1000;
  expect(outcomes.map(({ state, message }) => message ?? state)).toEqual(
    lab.hosts.map(() => 'succeeded'),
  );
  const sent = outcomes.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  expect(sent).toBe(go.size * lab.hosts.length);
  // a quarter of a second's worth may go at once
  expect(sent / seconds).toBeLessThan(rate * 1.1);
  expect(sent / rate).toBeGreaterThan(3);
});
