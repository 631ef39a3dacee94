import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page, Rollout, RolloutHost, RolloutSummary } from '#api';
import { startLab, stopKeptLabs, type Lab, type LabHost } from '../test/lab/index.ts';
import { cli, startStack, type Stack } from '../test/stack/index.ts';
import { bar, say, table, title } from './demo/show.ts';

const OLD = '1.21.5';
const NEW = '1.21.6';
const DATA = '.gofleet';
const KEPT = join(DATA, 'demo/kept');

/** The whole story on twelve real SSH hosts: install, upgrade, break, pause, roll back, mend, go on. */
async function demo(keep: boolean): Promise<void> {
  await using started = new AsyncDisposableStack();
  await stopEarlier();
  title('A fleet of twelve hosts on loopback addresses');
  const lab = started.use(await startFleet(keep));
  title('Two bundles, as they would be carried into the closed network');
  const bundles = [await buildBundle(OLD), await buildBundle(NEW)];
  title('The controller, its worker and Redis');
  const stack = started.use(await startStack({ data: DATA, lab, detached: keep }));
  say(`controller at ${stack.api.url}, token in ${DATA}/token`);
  await endOpenRollouts(stack);
  for (const bundle of bundles) await stack.import(bundle);

  title(`First rollout: Go ${OLD} and the modules of a sample project, in batches of 3, 4 and 5`);
  const first = await roll(stack, OLD);
  await follow(stack, first.id, ['succeeded']);
  await showVersions(lab);

  title('The sample project, built and tested on one host from its pack alone');
  const build = await roll(stack, OLD, 'farm-01', [{ goBuild: 'sample' }]);
  await follow(stack, build.id, ['succeeded']);

  const broken = lab.hosts.slice(4, 6);
  const fault = faultFor(lab);

  title(`Second rollout: Go ${NEW}, and two hosts of batch 2 ${fault.is}`);
  for (const host of broken) await fault.make(host);
  const second = await roll(stack, NEW);
  const paused = await follow(stack, second.id, ['paused']);
  say(`paused: ${paused.reason?.message ?? ''} (${paused.reason?.code ?? ''})`);
  await showFailures(stack, second.id);
  await showVersions(lab);

  title('Rollback of that batch');
  await verb(stack, second.id, 'rollback', { scope: 'batch', note: fault.note });
  await follow(stack, second.id, ['paused']);
  await showVersions(lab);

  title('The two hosts are mended: retry');
  for (const host of broken) await fault.mend(host);
  await verb(stack, second.id, 'resume', { mode: 'retry', note: 'mended' });
  const end = await follow(stack, second.id, ['succeeded']);
  await showVersions(lab);

  title('Summary');
  say(
    `${end.counts.succeeded} of ${end.counts.planned} hosts on Go ${NEW}; the failing batch went back to ${OLD} in between.`,
  );
  say('Batch 3 was not touched before the failures of batch 2 were mended.');
  if (!keep) return;
  started.move();
  await writeFile(KEPT, String(await stack.pid('up')));
  say(`still running: ${stack.api.url} (token in ${DATA}/token); npm run demo -- --stop ends it`);
}

/** Ends what an earlier run left running on purpose, or could not end. */
async function stopEarlier(): Promise<void> {
  await stopKeptLabs();
  const pid = Number(await readFile(KEPT, 'utf8').catch(() => '0'));
  await rm(KEPT, { force: true });
  if (pid === 0 || !(await isUp(pid))) return;
  process.kill(pid, 'SIGTERM');
  while (await isUp(pid)) await sleep(100);
}

/** A process id may have been given to another program since. */
async function isUp(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.split('\0').includes('up');
}

async function startFleet(keep: boolean): Promise<Lab> {
  const hosts = Array.from({ length: 12 }, (_, index) => ({
    name: `farm-${String(index + 1).padStart(2, '0')}`,
    diskMb: 1400,
    user: index % 3 === 0 ? ('root' as const) : ('deploy' as const),
  }));
  const lab = await startLab({ hosts, keep });
  say(
    lab.mode === 'root'
      ? 'each with an sshd, a host key, users, sudo and a root file system of its own'
      : 'each an unprivileged sshd with a host key and a home of its own',
  );
  return lab;
}

interface Fault {
  is: string;
  note: string;
  make(host: LabHost): Promise<void>;
  mend(host: LabHost): Promise<void>;
}

/** Without root the hosts share the disk of this machine, so they lose their power instead. */
function faultFor(lab: Lab): Fault {
  return lab.mode === 'root'
    ? {
        is: 'have full disks',
        note: 'two full disks',
        make: (host) => host.fill(),
        mend: (host) => host.free(),
      }
    : {
        is: 'are down',
        note: 'two hosts down',
        make: (host) => host.stop(),
        mend: (host) => host.start(),
      };
}

async function buildBundle(version: string): Promise<string> {
  const folder = join(DATA, 'demo');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `go-${version}.yaml`);
  const out = join(folder, `go-${version}`);
  await writeFile(
    file,
    [
      'kind: Bundle',
      `name: go-${version}`,
      `toolchains: [{ version: "${version}", platforms: [linux/${goArch()}] }]`,
      'packs: [{ name: default, projects: [../../examples/sample] }]',
      'sources: [proxy]',
      '',
    ].join('\n'),
  );
  await run('bundle', 'build', file, '-o', out, '--no-rehearsal');
  await run('bundle', 'verify', out);
  return out;
}

async function roll(
  stack: Stack,
  version: string,
  targets = 'all',
  checks: object[] = [],
): Promise<Rollout> {
  return stack.api.start({
    kind: 'RolloutPlan',
    name: `demo-go-${version}`,
    inventory: 'lab',
    targets,
    bundle: `go-${version}`,
    playbook: {
      kind: 'Playbook',
      name: `install-go-${version}`,
      operations: [
        { 'go-toolchain': { version } },
        { 'module-pack': { pack: 'default' } },
        { 'go-env': { exportGoroot: true, gosumdb: 'off', gotoolchain: 'local' } },
        {
          'health-check': {
            checks: [{ command: 'go version', expect: `go${version}` }, ...checks],
          },
        },
      ],
    },
    strategy: {
      batches: [
        { size: 3, delay: '2s', maxFailures: 0 },
        { size: 4, delay: '2s', maxFailures: 1 },
        { size: 5, maxFailures: 1 },
      ],
      concurrency: 4,
    },
  });
}

/** Prints a line whenever the counts move. */
async function follow(stack: Stack, id: string, states: string[]): Promise<Rollout> {
  let shown = '';
  const end = await stack.api.until(
    id,
    (rollout) => {
      const line = bar(rollout);
      if (line !== shown) say(line);
      shown = line;
      return states.includes(rollout.state) || !['running', 'rolling_back'].includes(rollout.state);
    },
    900,
  );
  if (!states.includes(end.state))
    throw new Error(`the rollout is ${end.state}: ${end.reason?.message ?? ''}`);
  return end;
}

async function verb(stack: Stack, id: string, name: string, body: object): Promise<void> {
  const answer = await stack.api.post(`/v1/rollouts/${id}/${name}`, body);
  say(`POST /v1/rollouts/${id}/${name} -> ${answer.status}`);
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
}

async function showFailures(stack: Stack, id: string): Promise<void> {
  const failed = await stack.api.get<Page<RolloutHost>>(`/v1/rollouts/${id}/hosts?state=failed`);
  table(
    failed.body.items.map((host) => [
      host.name,
      host.code ?? '',
      host.message ?? '',
      host.remedy ?? '',
    ]),
  );
}

/** Asks the hosts themselves, past gofleet. */
async function showVersions(lab: Lab): Promise<void> {
  const rows = await Promise.all(
    lab.hosts.map(async (host) => {
      const answer = await host.run('go version', { login: true, user: host.user });
      return [host.name, answer.stdout.trim() || answer.stderr.trim()];
    }),
  );
  table(rows);
}

/** An earlier demo that was killed may have left one. */
async function endOpenRollouts(stack: Stack): Promise<void> {
  for (const state of ['running', 'paused', 'rolling_back', 'aborting']) {
    const list = await stack.api.get<Page<RolloutSummary>>(`/v1/rollouts?state=${state}`);
    for (const { id, allowedActions } of list.body.items) {
      if (!allowedActions.includes('abort')) continue;
      const body = state === 'rolling_back' ? { stopRollback: true } : { inflight: 'cancel' };
      await verb(stack, id, 'abort', body);
      await stack.api.untilState(id, ['aborted', 'completed_with_errors', 'rolled_back'], 120);
    }
  }
}

async function run(...args: string[]): Promise<void> {
  say(`gofleet ${args.join(' ')}`);
  const result = await cli(args);
  if (result.code !== 0) throw new Error(result.stderr || result.stdout);
}

function goArch(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { keep: flag, stop: flag } });
await (values.stop ? stopEarlier() : demo(values.keep));
process.exit(0);
