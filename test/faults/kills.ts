import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewToken, RolloutHost } from '#api';
import type { Lab } from '../lab/index.ts';
import { install, MAIN, plan, watchSwitches, type Stack } from '../stack/index.ts';

/** What is killed, picked by a seed. */
const VICTIMS = ['worker', 'controller', 'redis', 'second worker'] as const;
type Victim = (typeof VICTIMS)[number];

export interface Kill {
  victim: Victim;
  /** Seconds until what the killed worker had was at work elsewhere, or had ended. */
  elsewhere?: number;
  /** Seconds from the moment that the controller listens again until its rollout moved. */
  onAgain?: number;
}

export interface KillsOptions {
  lab: Lab;
  stack: Stack;
  kills: number;
  seed: number;
  /** The versions that rollouts put on the hosts in turn. */
  versions: [string, string];
}

/** How one rollout ended while processes were killed under it. */
export interface Round {
  id: string;
  hosts: RolloutHost[];
  switches: Map<string, number>;
  kills: Kill[];
}

/** Kills processes of a working stack at random, with a second worker beside the embedded one, over as many rollouts as that takes. */
export async function killAtRandom(options: KillsOptions): Promise<Round[]> {
  const random = randomOf(options.seed);
  const second = await secondWorker(options.stack);
  const rounds: Round[] = [];
  let left = options.kills;
  try {
    while (left > 0) {
      const round = await oneRollout(options, { number: rounds.length, left, random, second });
      rounds.push(round);
      left -= round.kills.length;
    }
    return rounds;
  } finally {
    await second.end();
  }
}

interface Turn {
  number: number;
  left: number;
  random: () => number;
  second: SecondWorker;
}

async function oneRollout(options: KillsOptions, turn: Turn): Promise<Round> {
  const { lab, stack, versions } = options;
  await Promise.all(lab.hosts.map((host) => host.link({ bytesPerSecond: 500_000 })));
  await Promise.all(lab.hosts.map((host) => host.run(WIPE)));
  using switches = watchSwitches(lab.hosts);
  const { id } = await stack.api.start(
    plan({
      name: `kills-${turn.number}`,
      playbook: install(versions[turn.number % 2] ?? versions[0]),
      strategy: { batches: [{ size: lab.hosts.length }], concurrency: 4 },
      budgets: { maxFailures: '100%' },
    }),
  );
  const kills: Kill[] = [];
  while (kills.length < turn.left && !(await hasEnded(stack, id))) {
    await sleep(500 + turn.random() * 3000);
    if (await hasEnded(stack, id)) break;
    const victim = VICTIMS[Math.floor(turn.random() * VICTIMS.length)] ?? 'worker';
    kills.push(await kill(stack, turn.second, { victim, id }));
  }
  await stack.api.until(id, ({ finishedAt }) => finishedAt !== null, 240);
  return { id, hosts: await stack.api.hosts(id), switches: new Map(switches.seen), kills };
}

/** Takes the trees away that no link leads to, so that they have to be sent again. */
const WIPE =
  'cd /opt/gofleet/go 2>/dev/null || exit 0; for tree in *; do [ "$(readlink -f ../current/go)" = "$PWD/$tree" ] || rm -rf "$tree"; done';

async function kill(
  stack: Stack,
  second: SecondWorker,
  { victim, id }: { victim: Victim; id: string },
): Promise<Kill> {
  const pid = await living(() => (victim === 'second worker' ? second.pid() : stack.pid(victim)));
  const before = await hostsNow(stack, id);
  process.kill(pid, 'SIGKILL');
  if (victim === 'redis') return { victim };
  if (victim === 'controller' && before.some(isOpen))
    return { victim, onAgain: await untilOn(stack, id, before) };
  if (victim === 'controller') return { victim };
  if (victim === 'second worker') second.again();
  return { victim, elsewhere: await untilElsewhere(stack, id, pid) };
}

/** Of a host whose third lease ran out there is no news for a minute, whoever was killed. */
function isOpen({ state }: RolloutHost): boolean {
  return state === 'pending' || state === 'queued' || state === 'running';
}

/** What died a moment ago is started again by then. */
async function living(find: () => number | Promise<number>): Promise<number> {
  for (;;) {
    const pid = await find();
    if (existsSync(`/proc/${pid}`)) return pid;
    await sleep(50);
  }
}

/** The name of a worker holds the id of its process. */
async function untilElsewhere(stack: Stack, id: string, pid: number): Promise<number> {
  const began = performance.now();
  const isIts = ({ worker, state }: RolloutHost) =>
    state === 'running' && worker?.includes(`-${pid}-`) === true;
  return secondsUntil(began, async () => !(await hostsNow(stack, id)).some(isIts));
}

/** From its first answer to the first host of which there is news. */
async function untilOn(stack: Stack, id: string, before: RolloutHost[]): Promise<number> {
  await sleep(50);
  await secondsUntil(performance.now(), () => answers(stack));
  const began = performance.now();
  const seen = JSON.stringify(before);
  return secondsUntil(
    began,
    async () => JSON.stringify(await hostsNow(stack, id)) !== seen || (await hasEnded(stack, id)),
  );
}

async function secondsUntil(began: number, holds: () => Promise<boolean>): Promise<number> {
  while (!(await holds())) {
    if (performance.now() - began > 60_000) throw new Error('waited in vain for a minute');
    await sleep(50);
  }
  return (performance.now() - began) / 1000;
}

async function answers(stack: Stack): Promise<boolean> {
  const answer = await stack.api.get('/healthz').catch(() => undefined);
  return answer?.status === 200;
}

async function hostsNow(stack: Stack, id: string): Promise<RolloutHost[]> {
  for (;;) {
    const hosts = await stack.api.hosts(id).catch(() => undefined);
    if (hosts) return hosts;
    await sleep(50);
  }
}

async function hasEnded(stack: Stack, id: string): Promise<boolean> {
  const answer = await stack.api.rollout(id).catch(() => undefined);
  return typeof answer?.finishedAt === 'string';
}

interface SecondWorker {
  pid(): number;
  /** Starts it anew. */
  again(): void;
  end(): Promise<void>;
}

/** Another worker of the same site, with a cache of its own, as it runs on another machine. */
async function secondWorker(stack: Stack): Promise<SecondWorker> {
  const { data, api } = stack;
  const { body } = await api.post<NewToken>('/v1/tokens', { role: 'worker', site: 'default' });
  const token = join(data, 'second.token');
  await writeFile(token, body.secret, { mode: 0o600 });
  const config = join(data, 'second.yaml');
  await writeFile(
    config,
    'allow: [ { keys: ["*"], secrets: ["*"], hosts: all, networks: ["0.0.0.0/0", "::/0"] } ]\n',
  );
  const redis = `unix://${await stack.redisSocket()}`;
  const words = ['worker', '--site', 'default', '--url', api.url, '--redis', redis];
  const places = ['--keys', 'keys', '--secrets', 'secrets', '--cache', 'second.cache'];
  let child: ChildProcess;
  const again = () => {
    child = spawn(
      process.execPath,
      [MAIN, ...words, '--token-file', token, '--config', config, ...places],
      {
        cwd: data,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, GOFLEET_LOG: 'fatal' },
      },
    );
  };
  again();
  return {
    pid: () => child.pid ?? 0,
    again,
    async end() {
      child.kill('SIGKILL');
      while (existsSync(`/proc/${child.pid}`) && child.signalCode === null) await sleep(20);
    },
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
