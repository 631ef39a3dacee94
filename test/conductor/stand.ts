import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor, Rollout } from '#api';
import { blobPath, writeManifest } from '#bundle';
import { isGofleetError } from '#errors';
import type { Conductor, ConductorDeps, Notification } from '#conductor';
import { openLedger, type Ledger } from '#ledger';
import type { Verb } from '#rollout';
import { openStore } from '#store';
import { expect } from 'vitest';
import { openSettling } from '../../libs/conductor/open.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeQueue } from './fake-queue.ts';
import { createFakeWorker } from './fake-worker.ts';

export const ADMIN: Actor = { token: 'a', name: 'ada', role: 'admin', site: null };
export const OPERATOR: Actor = { token: 'o', name: 'olga', role: 'operator', site: null };

/** A person who may look, and approve. */
export const VIEWER_WHO_APPROVES: Actor = {
  token: 'v',
  name: 'vera',
  role: 'viewer',
  site: null,
  permissions: ['approve'],
};

/** A key in form; nobody has its other half. */
export const KEY = `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.alloc(32, 7))]).toString('base64')}`;

export type Stand = Awaited<ReturnType<typeof createStand>>;

/** A conductor over a real ledger and store on disk, with a clock, a queue and a worker that a test moves. */
export async function createStand(
  options: Pick<ConductorDeps, 'threadFrom' | 'signing' | 'keepBundles'> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'conductor-'));
  const folders = { inventory: join(folder, 'inventory'), playbooks: join(folder, 'playbooks') };
  await mkdir(folders.inventory);
  await mkdir(folders.playbooks);
  await writeFile(join(folders.playbooks, 'install-go.yaml'), PLAYBOOK);
  const clock = createFakeClock();
  const queue = createFakeQueue();
  const notified: Notification[] = [];
  const alerts: string[] = [];
  const store = await openStore(join(folder, 'store'));
  let ledger: Ledger;
  let open: Awaited<ReturnType<typeof openSettling>>;

  async function start(): Promise<void> {
    ledger = await openLedger({ folder: join(folder, 'ledger') });
    open = await openSettling({
      ledger,
      dispatch: queue,
      clock,
      store,
      folders,
      knownHosts: [join(folder, 'known_hosts')],
      runNotifyCommand: async (_, notification) => {
        notified.push(notification);
      },
      log: {
        info: () => {},
        warn: () => {},
        error: (fields, message) => {
          if ('error' in fields) alerts.push(`${message}: ${String(fields['error'])}`);
        },
      },
      ...options,
      release: '0.1.0',
      queue: { prefix: 'test', nameOf: (site) => site },
    });
  }

  async function stop(): Promise<void> {
    await open.conductor.stop();
    await ledger[Symbol.asyncDispose]();
  }

  await start();
  const worker = createFakeWorker(() => open.conductor, queue);
  const stand = {
    folder,
    folders,
    clock,
    queue,
    worker,
    notified,
    alerts,
    store,
    get ledger() {
      return ledger;
    },
    get conductor(): Conductor {
      return open.conductor;
    },
    settled: () => open.settled(),
    stop,
    start,
    /** As after a crash of the controller: opened again on the same files. */
    async restart() {
      await stop();
      await start();
      await open.settled();
    },
    /** As a person would: announced, its blob sent where it is missing, announced again. */
    async importBundle(name = 'go-1.21.5', content = TOOLCHAIN, signature: string | null = null) {
      const { manifest, sha256, bytes } = bundleOf(name, content);
      const offer = { manifest, signature };
      await stand.conductor.importBundle(ADMIN, offer).catch((error: unknown) => {
        if (!isGofleetError(error, 'blobs_missing')) throw error;
      });
      const { offset } = await stand.conductor.blobStatus(ADMIN, sha256);
      if (offset < bytes.length)
        await stand.conductor.appendBlob(ADMIN, sha256, offset, piece(bytes, offset));
      return stand.conductor.importBundle(ADMIN, offer);
    },
    /** Moves time on in steps of a second, while the worker beats and works. */
    async run(seconds: number, until: () => Promise<boolean> = async () => false) {
      for (let second = 0; second < seconds; second++) {
        if (second % 5 === 0) await worker.beat();
        do await open.settled();
        while (await worker.work());
        await open.settled();
        if (await until()) return;
        await clock.advance(1000, stand.settled);
      }
    },
    /** So many milliseconds later: nothing happens in between, as if all had slept. */
    async later(ms: number) {
      await open.settled();
      clock.stall(Math.max(0, ms - 3000));
      await clock.advance(3000, stand.settled);
    },
    /** Runs until the rollout is in this state. */
    async runUntil(id: string, state: Rollout['state'], seconds = 300) {
      await stand.run(seconds, async () => (await stand.get(id)).state === state);
      const rollout = await stand.get(id);
      expect({ state: rollout.state, reason: rollout.reason }).toMatchObject({ state });
      return rollout;
    },
    /** The rollout, once its counts were seen to add up. */
    async get(id: string): Promise<Rollout> {
      const { value } = await stand.conductor.getRollout(id);
      expectSums(value);
      return value;
    },
    async create(plan: PlanOptions = {}, by = OPERATOR): Promise<Rollout> {
      const text = JSON.stringify(planOf(plan));
      const { value } = await stand.conductor.createRollout(by, { text, format: 'json' });
      expectSums(value);
      return value;
    },
    async act(id: string, verb: Verb, by = OPERATOR): Promise<Rollout> {
      const { value } = await stand.conductor.act(by, id, verb);
      expectSums(value);
      return value;
    },
    async hosts(id: string, state?: string) {
      const { items } = await stand.conductor.listHosts(id, { limit: 999 });
      return items.filter((host) => state === undefined || host.state === state);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true });
      expect(alerts).toEqual([]);
    },
  };
  return stand;
}

export interface PlanOptions {
  name?: string;
  hosts?: number;
  prefix?: string;
  batches?: Record<string, unknown>[];
  strategy?: Record<string, unknown>;
  [key: string]: unknown;
}

/** Hosts `h0`, `h1`, … at the site `default`, each with a pinned key. */
export function planOf({ hosts = 12, prefix = 'h', batches, strategy, ...rest }: PlanOptions) {
  const names = Array.from({ length: hosts }, (_, number) => `${prefix}${number}`);
  const vars = (number: number) => ({
    ansible_host: `10.${Math.floor(number / 62_500)}.${Math.floor(number / 250) % 250}.${number % 250}`,
    gofleet_host_key: KEY,
  });
  return {
    kind: 'RolloutPlan',
    name: 'a rollout',
    inventory: { all: { hosts: Object.fromEntries(names.map((name, at) => [name, vars(at)])) } },
    targets: 'all',
    bundle: 'go-1.21.5',
    playbook: 'install-go',
    strategy: { batches: batches ?? [{ size: 3 }, { size: 4 }, { size: 5 }], ...strategy },
    ...rest,
  };
}

const PLAYBOOK = `kind: Playbook
name: install-go
operations:
  - go-toolchain: { version: "1.21.5" }
`;

const TOOLCHAIN = 'stands for a toolchain';

/** A bundle with one toolchain, whose archive holds no more than that content. */
export function bundleOf(name: string, content = TOOLCHAIN) {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { manifest: manifestOf(name, sha256, bytes.length), sha256, bytes };
}

function manifestOf(name: string, sha256: string, size: number): string {
  return writeManifest({
    schema: 1,
    name,
    toolchains: [
      {
        version: '1.21.5',
        os: 'linux',
        arch: 'amd64',
        blob: sha256,
        size,
        unpackedBytes: 1000,
        entries: 3,
        tree: sha256,
        versionText: 'go1.21.5',
        source: 'goroot',
        verified: 'none',
        h1: null,
      },
    ],
    packs: [],
    releases: [],
    tools: [],
    rehearsal: null,
    blobs: [{ sha256, size, path: blobPath(sha256) }],
  });
}

async function* piece(bytes: Buffer, offset: number) {
  yield bytes.subarray(offset);
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const STATES = [
  'pending',
  'queued',
  'running',
  'succeeded',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'skipped',
  'rollingBack',
  'rolledBack',
  'rollbackFailed',
] as const;

/** Counts add up to the planned hosts, in every batch and in the rollout. */
export function expectSums({ counts, batches }: Rollout): void {
  for (const scope of [{ counts, size: counts.planned }, ...batches]) {
    const sum = STATES.reduce((total, state) => total + scope.counts[state], 0);
    expect(sum).toBe(scope.size);
    expect(scope.counts.planned).toBe(scope.size);
  }
  const whole = batches.reduce((total, batch) => total + batch.counts.succeeded, 0);
  expect(whole).toBe(counts.succeeded);
}
