import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import {
  expectToAddUp,
  install,
  plan,
  startStack,
  syntheticBundle,
  watchSwitches,
  type Stack,
} from '../stack/index.ts';

const HOSTS = 8;
const VERSIONS = ['1.21.5', '1.21.6'];

let lab: Lab;
let stack: Stack;
let round = 0;

beforeAll(async () => {
  lab = await startLab({
    hosts: Array.from({ length: HOSTS }, (_, index) => ({ name: `f${index + 1}`, diskMb: 128 })),
  });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: VERSIONS, megabytes: 2 }));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

beforeEach(async () => {
  await Promise.all(lab.hosts.map((host) => host.link({ bytesPerSecond: 600_000 })));
});

it.each([
  ['the worker is killed', async () => kill('worker')],
  ['the controller is killed', async () => kill('controller')],
  [
    'both are killed at once',
    async () => {
      await Promise.all([kill('worker'), kill('controller')]);
    },
  ],
  ['Redis is emptied', async () => redis('FLUSHALL')],
  ['Redis is killed', async () => kill('redis')],
  ['Redis stands still for ten seconds', async () => standStill('redis', 10_000)],
  [
    'the controller stands still for a minute while hosts finish',
    async () => standStill('controller', 60_000),
  ],
])('%s: the rollout ends as if nothing had happened', async (_, fault) => {
  const id = await startRollout();
  using switches = watchSwitches(lab.hosts);
  await stack.api.until(id, ({ counts }) => counts.running >= 2 && counts.succeeded >= 1);
  await fault();
  const end = await stack.api.untilState(id, ['succeeded', 'paused', 'completed_with_errors'], 180);
  expect(end.state).toBe('succeeded');
  expectToAddUp(end);
  expect(end.counts.succeeded).toBe(HOSTS);
  await expectEachSwitchedOnce(id, switches.seen);
});

it('a switch whose report was lost with its worker ends succeeded, and not as unchanged', async () => {
  const host = lab.hosts[1];
  if (!host) throw new Error('no host');
  using switches = watchSwitches([host]);
  const killed = switches.first().then(() => kill('worker'));
  const { id } = await stack.api.start(
    plan({ name: 'unheard', targets: host.name, playbook: install(otherVersion()) }),
  );
  await killed;
  expect((await stack.api.rollout(id)).counts.succeeded).toBe(0);
  const end = await stack.api.untilState(id, ['succeeded', 'paused', 'completed_with_errors']);
  expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 1, unchanged: 0 } });
  expect(switches.seen.get(host.name)).toBe(1);
});

it('an upload that was cut off goes on where it was', async () => {
  const host = lab.hosts[0];
  if (!host) throw new Error('no host');
  await wipe();
  await host.link({ bytesPerSecond: 600_000, cutAfterBytes: 1_500_000, cuts: 1 });
  const before = (await host.counters()).bytesIn;
  const { id } = await stack.api.start(
    plan({ name: 'resumed', targets: host.name, playbook: install(otherVersion()) }),
  );
  await stack.api.untilState(id, 'succeeded');
  const sent = (await host.counters()).bytesIn - before;
  expect(sent).toBeGreaterThan(2_000_000);
  expect(sent).toBeLessThan(2_700_000);
});

/** The version that the last round did not leave on the hosts. */
function otherVersion(): string {
  return VERSIONS[(round + 1) % 2] ?? '';
}

async function startRollout(): Promise<string> {
  const version = otherVersion();
  round += 1;
  await wipe();
  const { id } = await stack.api.start(
    plan({
      name: `round-${round}`,
      playbook: install(version),
      strategy: { batches: [{ size: 4 }, { size: 4 }], concurrency: 3 },
    }),
  );
  return id;
}

/** Takes the trees away that no link leads to, so that the next round has to send them again. */
async function wipe(): Promise<void> {
  await Promise.all(
    lab.hosts.map((host) =>
      host.run(
        'cd /opt/gofleet/go 2>/dev/null || exit 0; for tree in *; do [ "$(readlink -f ../current/go)" = "$PWD/$tree" ] || rm -rf "$tree"; done',
      ),
    ),
  );
}

async function kill(child: 'worker' | 'controller' | 'redis'): Promise<void> {
  process.kill(await stack.pid(child), 'SIGKILL');
}

async function standStill(child: 'controller' | 'redis', ms: number): Promise<void> {
  const pid = await stack.pid(child);
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  process.kill(pid, 'SIGCONT');
}

/** One command to the embedded Redis, as a person with its socket could send it. */
async function redis(command: string): Promise<void> {
  const socket = connect(await stack.redisSocket());
  socket.write(`${command}\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
}

/** The link changed once on each host, and a host that was done was left in peace. */
async function expectEachSwitchedOnce(id: string, switches: Map<string, number>): Promise<void> {
  expect(Object.fromEntries(switches)).toEqual(
    Object.fromEntries(lab.hosts.map(({ name }) => [name, 1])),
  );
  const rows = await stack.api.hosts(id);
  for (const host of lab.hosts) {
    const ended = Date.parse(rows.find(({ name }) => name === host.name)?.endedAt ?? '');
    const { openedAt } = await host.counters();
    expect(openedAt.filter((time) => time > ended)).toEqual([]);
  }
}
