import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Actor } from '#api';
import { writeManifest } from '#bundle';
import { openConductor, type Conductor } from '#conductor';
import { openLedger } from '#ledger';
import { openStore } from '#store';

const BY: Actor = { token: 'b', name: 'bench', role: 'admin', site: null };
const ARCHIVE = Buffer.from('stands for a toolchain');
const SHA256 = createHash('sha256').update(ARCHIVE).digest('hex');

/** How long a request took, and the longest time in which the process did nothing else. */
export interface Held {
  ms: number;
  blockedMs: number;
}

/** A controller without its HTTP: what a large plan costs it, and for how long it hears nobody. */
export async function planInConductor(hosts: number): Promise<Record<'preview' | 'create', Held>> {
  const folder = await mkdtemp(join(tmpdir(), 'plan-bench-'));
  const folders = { inventory: join(folder, 'inventory'), playbooks: join(folder, 'playbooks') };
  await mkdir(join(folders.inventory, 'fleet'), { recursive: true });
  await mkdir(folders.playbooks);
  await writeFile(join(folders.playbooks, 'install-go.yaml'), PLAYBOOK);
  await writeInventory(join(folders.inventory, 'fleet'), hosts);
  {
    await using ledger = await openLedger({ folder: join(folder, 'ledger') });
    const conductor = await openConductor({
      ledger,
      dispatch: { invite: async () => {}, missing: async () => [], ping: async () => {} },
      clock: {
        now: Date.now,
        monotonic: () => performance.now(),
        after: (delay, call) => {
          const timer = setTimeout(call, delay);
          return () => clearTimeout(timer);
        },
      },
      store: await openStore(join(folder, 'store')),
      folders,
      knownHosts: [],
      runNotifyCommand: async () => {},
      log: { info: () => {}, warn: () => {}, error: console.error },
      threadFrom: 100_000,
      release: '0.1.0',
      queue: { prefix: 'bench', nameOf: (site) => site },
    });
    await importBundle(conductor);
    const text = JSON.stringify(planOf(hosts));
    const preview = await held(() => conductor.previewPlan(BY, { text, format: 'json' }));
    const create = await held(() => conductor.createRollout(BY, { text, format: 'json' }));
    await conductor.stop();
    await rm(folder, { recursive: true });
    return { preview, create };
  }
}

async function held(run: () => Promise<unknown>): Promise<Held> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  await run();
  const ms = Math.round(performance.now() - start);
  delay.disable();
  return { ms, blockedMs: Math.round(delay.max / 1e6) };
}

async function importBundle(conductor: Conductor): Promise<void> {
  const body = { manifest: MANIFEST, signature: null };
  await conductor.importBundle(BY, body).catch(() => undefined);
  await conductor.appendBlob(BY, SHA256, 0, oneOf(ARCHIVE));
  await conductor.importBundle(BY, body);
}

async function* oneOf(bytes: Uint8Array) {
  yield bytes;
}

const FILES = 5;
const RACKS = 20;

/** Files of a folder, since one takes 5 MB at most. */
async function writeInventory(folder: string, hosts: number): Promise<void> {
  const each = hosts / FILES / RACKS;
  for (let file = 0; file < FILES; file++) {
    const racks = Array.from({ length: RACKS }, (_, rack) => {
      const first = (file * RACKS + rack) * each;
      const lines = Array.from({ length: each }, (__, index) => {
        const number = first + index;
        const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
        return `        h${number}: { ansible_host: ${address}, gofleet_host_key: "${KEY}" }\n`;
      });
      const name = `rack${file * RACKS + rack}`;
      return `    ${name}:\n      vars: { rack: ${name} }\n      hosts:\n${lines.join('')}`;
    });
    await writeFile(join(folder, `part${file}.yaml`), `all:\n  children:\n${racks.join('')}`);
  }
}

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`;

const PLAYBOOK = `kind: Playbook
name: install-go
operations:
  - go-toolchain: { version: "1.21.5" }
`;

function planOf(hosts: number): unknown {
  return {
    kind: 'RolloutPlan',
    name: `${hosts} hosts`,
    inventory: 'fleet',
    targets: 'all',
    bundle: 'go-1.21.5',
    playbook: 'install-go',
    strategy: { batches: [{ size: 200 }], order: 'spread', failureDomain: 'rack' },
  };
}

const MANIFEST = writeManifest({
  schema: 1,
  name: 'go-1.21.5',
  toolchains: [
    {
      version: '1.21.5',
      os: 'linux',
      arch: 'amd64',
      blob: SHA256,
      size: ARCHIVE.length,
      unpackedBytes: 1000,
      entries: 3,
      tree: SHA256,
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
  blobs: [
    { sha256: SHA256, size: ARCHIVE.length, path: `blobs/sha256/${SHA256.slice(0, 2)}/${SHA256}` },
  ],
});
