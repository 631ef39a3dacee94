import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { toolchain, type Archive } from './support/archive.ts';
import { install, seen, versionCheck, visitor } from './support/visit.ts';

let lab: Lab;
let host: LabHost;
let go: Archive;

beforeAll(async () => {
  lab = await startLab({ hosts: [{ diskMb: 256 }] });
  host = lab.hosts[0]!;
  go = await toolchain('1.21.5', 4096);
});
afterAll(() => lab.stop());

const fresh = () =>
  host.run('rm -rf /opt/gofleet /usr/local/go /usr/local/bin/go* /etc/profile.d/gofleet.sh');

describe('a connection that is cut once', () => {
  it.each([0.001, 0.2, 0.5, 0.9, 0.999])(
    'after %d of the upload goes on where it was',
    async (share) => {
      await fresh();
      const { visit, keep } = visitor(lab);
      keep(go);
      const { bytesIn } = await host.counters();
      await host.link({ cutAfterBytes: Math.floor(30_000 + go.size * share), cuts: 1 });
      const outcome = await visit(host, install({ version: '1.21.5', go }));
      await host.link({});
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded', attempts: 2 });
      const sent = (await host.counters()).bytesIn - bytesIn;
      expect(sent).toBeLessThan(go.size * 1.05 + 100_000 + 2 * 1024 * 1024);
      expect((await host.run('go version')).stdout).toContain('go1.21.5');
    },
  );
});

it('cut every time: unreachable, and the part stays for the next rollout', async () => {
  await fresh();
  const { visit, keep } = visitor(lab);
  keep(go);
  await host.link({ cutAfterBytes: 900_000, bytesPerSecond: 3_000_000 });
  const outcome = await visit(host, install({ version: '1.21.5', go }));
  await host.link({});
  expect(outcome, JSON.stringify(outcome)).toMatchObject({
    state: 'unreachable',
    code: 'cut',
    attempts: 3,
    switched: false,
  });
  const part = Number((await host.run('stat -c %s /opt/gofleet/staging/*.part')).stdout);
  expect(part).toBeGreaterThan(900_000);
  const next = await visit(host, install({ version: '1.21.5', go }), { rollout: 'R2' });
  expect(next).toMatchObject({ state: 'succeeded', bytesSent: go.size - part });
});

it('an upload that nobody feeds any more does not hold the next try up', async () => {
  await fresh();
  const { visit, keep } = visitor(lab);
  keep(go);
  await host.link({ bytesPerSecond: 1_000_000 });
  setTimeout(() => void host.link({ blackhole: true }), 1500);
  const silent = await visit(host, install({ version: '1.21.5', go }), {
    timeouts: { connect: 2000, step: 3000, host: 60_000 },
    retries: { attempts: 1, backoff: 10, maxBackoff: 10 },
  });
  expect(silent, JSON.stringify(silent)).toMatchObject({ state: 'unreachable', code: 'timeout' });
  await host.link({});
  const began = Date.now();
  const outcome = await visit(host, install({ version: '1.21.5', go }));
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded', attempts: 1 });
  expect(Date.now() - began).toBeLessThan(20_000);
});

it('wrong bytes are thrown away, sent once more, and then are `checksum`', async () => {
  await fresh();
  const { visit } = visitor(lab);
  const wrong = Buffer.alloc(go.size, 'x');
  const outcome = await visit(host, install({ version: '1.21.5', go }), {
    deps: {
      blobs: {
        open: (_, offset) =>
          Promise.resolve({
            size: go.size - offset,
            async *read() {
              yield wrong.subarray(offset);
            },
          }),
      },
    },
  });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({
    state: 'failed',
    code: 'checksum',
    attempts: 1,
    bytesSent: 2 * go.size,
  });
  expect(await host.listing(['/opt/gofleet/staging', '/opt/gofleet/go'])).toHaveLength(1);
});

it('half a blob of our own is our own fault', async () => {
  await fresh();
  const { visit } = visitor(lab);
  const outcome = await visit(host, install({ version: '1.21.5', go }), {
    deps: {
      blobs: {
        open: () =>
          Promise.resolve({
            size: go.size,
            async *read() {
              yield go.bytes.subarray(0, 1000);
            },
          }),
      },
    },
  });
  expect(outcome).toMatchObject({
    state: 'released',
    code: 'blob_corrupt',
    ownFault: 'site_unavailable',
  });
});

/** Some of an upload has reached the host: what was handed to the connection may still be on its way. */
async function partArrives(): Promise<void> {
  for (;;) {
    const { stdout } = await host.run('find /opt/gofleet/staging -name "*.part" -size +100k');
    if (stdout.includes('.part')) return;
    await new Promise((later) => setTimeout(later, 50));
  }
}

it('asked to stop while it uploads: cancelled, and the part stays', async () => {
  await fresh();
  const { visit, keep } = visitor(lab);
  keep(go);
  const stop = new AbortController();
  await host.link({ bytesPerSecond: 1_000_000 });
  const visiting = visit(host, install({ version: '1.21.5', go }), {
    deps: { signal: stop.signal },
  });
  await partArrives();
  stop.abort('cancel');
  const outcome = await visiting;
  await host.link({});
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'cancelled', code: 'stopped' });
  expect((await host.run('ls /opt/gofleet/staging')).stdout).toContain('.part');
});

it.each([
  ['cancel', 'go1.21.5', { state: 'succeeded', switched: true }],
  ['drain', 'go1.21.5', { state: 'succeeded', switched: true }],
  ['drain', 'go9', { state: 'failed', code: 'health', switched: true }],
])('asked to stop (%s) while it checks %s: the check decides', async (reason, wanted, ends) => {
  await fresh();
  const { visit, keep } = visitor(lab);
  keep(go);
  const stop = new AbortController();
  const check = { ...versionCheck('1.21.5'), command: 'sleep 2; go version', expect: wanted };
  const outcome = await visit(host, install({ version: '1.21.5', go, checks: [check] }), {
    deps: {
      signal: stop.signal,
      report: {
        step: () => undefined,
        switching: () => {
          setTimeout(() => stop.abort(reason), 1000);
          return Promise.resolve();
        },
      },
    },
  });
  expect(outcome, JSON.stringify(outcome)).toMatchObject(ends);
});

describe('the plug is pulled', () => {
  it.each([0, 20, 60, 120, 200, 300])(
    '%d ms into the switch: lost, then found again',
    async (wait) => {
      await fresh();
      const { visit, keep } = visitor(lab);
      keep(go);
      const before = await seen(host);
      const wanted = install({ version: '1.21.5', go, exportGoroot: true });
      const pulled: Promise<void>[] = [];
      const outcome = await visit(host, wanted, {
        timeouts: { connect: 2000, step: 20_000, host: 40_000 },
        deps: {
          report: {
            step: () => undefined,
            switching: () => {
              pulled.push(
                new Promise((resolve) => setTimeout(resolve, wait)).then(() => host.stop()),
              );
              return Promise.resolve();
            },
          },
        },
      });
      await Promise.all(pulled);
      await host.start();
      expect(['lost', 'succeeded'], JSON.stringify(outcome)).toContain(outcome.state);
      const version = (await host.run('/usr/local/bin/go version || echo none')).stdout;
      expect(version).toMatch(/go1\.21\.5|none/);
      const looked = await visit(host, wanted, { task: 'probe', switched: true });
      expect(['succeeded', 'failed'], JSON.stringify(looked)).toContain(looked.state);
      const again = await visit(host, wanted, { switched: true });
      expect(again, JSON.stringify(again)).toMatchObject({
        state: 'succeeded',
        unchanged: false,
        bytesSent: 0,
      });
      const back = await visit(host, wanted, { task: 'rollback' });
      expect(back, JSON.stringify(back)).toMatchObject({ state: 'rolled_back' });
      expect(await seen(host)).toEqual(before);
    },
  );
});
