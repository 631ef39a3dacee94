import { spawn, type ChildProcess } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  readHave,
  writeArchive,
  writeBundle,
  type Have,
  type Toolchain,
  type WrittenBundle,
} from '#bundle';
import { MAIN, startStack, type Stack } from '../stack/index.ts';

/** Files of a megabyte that no compressor makes shorter: enough of them that a kill finds an import in its middle. */
const FILES = 32;

let folder: string;
let stack: Stack;
const paths = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-import-'));
  stack = await startStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A Go whose last files are of its version alone. */
async function bundleOf(version: string, against?: Have, files = FILES): Promise<WrittenBundle> {
  const out = join(folder, `go${version}`);
  const entries = Array.from({ length: files }, (_, index) => {
    const bytes = noise(`${index} ${index < files / 2 ? '' : version}`, 1_000_000);
    const path = `go/src/${String(index).padStart(2, '0')}`;
    return {
      path,
      kind: 'file',
      executable: false,
      size: bytes.length,
      async *read() {
        yield bytes;
      },
    } as const;
  });
  const archive = await writeArchive(entries, out, 1);
  paths.set(archive.blob, out);
  const origin = { source: 'goroot', verified: 'none', h1: null } as const;
  const toolchain: Toolchain = {
    version,
    os: 'linux',
    arch: 'amd64',
    ...archive,
    versionText: `go${version}\n`,
    ...origin,
  };
  const content = { name: `go-${version}`, toolchains: [toolchain], packs: [], rehearsal: null };
  const file = join(folder, `go${version}.gofleet`);
  return writeBundle(content, (sha256) => paths.get(sha256) ?? '', file, { against });
}

function noise(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

function startImport(path: string): ChildProcess {
  const args = [MAIN, 'bundle', 'import', path, '--data', stack.data];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function codeOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

async function uploaded(blob: string): Promise<number> {
  const found = await stat(join(stack.data, 'blobs/uploads', blob)).catch(() => undefined);
  return found?.size ?? 0;
}

/** What is kept of a blob, once the controller has written what it had been sent. */
async function settled(blob: string): Promise<number> {
  for (let before = -1; ; await sleep(300)) {
    const now = await uploaded(blob);
    if (now === before) return now;
    before = now;
  }
}

/** Waits until more of a blob is there than was before. */
async function moreThan(blob: string, bytes: number): Promise<void> {
  for (const end = Date.now() + 60_000; (await uploaded(blob)) <= bytes; await sleep(2))
    if (Date.now() > end) throw new Error('no byte arrives');
}

/** Kills both sides in turn in the middle of an import, which is whole in the end. */
async function importThroughKills({ path, manifest, digest }: WrittenBundle): Promise<void> {
  const blob = manifest.blobs[0]?.sha256 ?? '';
  const killed = startImport(path);
  await moreThan(blob, 0);
  killed.kill('SIGKILL');
  expect(await codeOf(killed)).toBe('SIGKILL');
  const kept = await settled(blob);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(manifest.blobs[0]?.size ?? 0);

  const going = startImport(path);
  await moreThan(blob, kept);
  process.kill(await stack.pid('controller'), 'SIGKILL');
  expect(await codeOf(going)).toBe(0);
  const stored = await readFile(join(stack.data, 'blobs/sha256', blob.slice(0, 2), blob));
  expect(stored.equals(await readFile(paths.get(blob) ?? ''))).toBe(true);
  const again = await stack.cli('bundle', 'import', path, '--data', stack.data, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ digest, blobs: 0, bytes: 0 });
}

describe('an import goes on where it stopped, whichever side is killed', () => {
  it('of a full bundle', async () => {
    await importThroughKills(await bundleOf('1.21.5'));
  });

  it('of a differential bundle, against what the controller says that it has', async () => {
    const { code, stdout } = await stack.cli('bundle', 'have', '--data', stack.data);
    expect(code).toBe(0);
    const against = readHave(stdout, 'have.json');
    expect(against.blobs).toMatchObject([{ bundle: 'go-1.21.5' }]);
    const bundle = await bundleOf('1.21.6', against);
    expect((await stat(bundle.path)).size).toBeLessThan(
      (bundle.manifest.blobs[0]?.size ?? 0) * 0.6,
    );
    await importThroughKills(bundle);
  });

  it('and one whose ground is not there says which bundle it is', async () => {
    const foreign = { sha256: 'a'.repeat(64), size: 9, bundle: 'elsewhere', parts: '' };
    const { blobs } = (await bundleOf('1.21.7', undefined, 1)).manifest;
    const whole = {
      sha256: blobs[0]?.sha256 ?? '',
      size: blobs[0]?.size ?? 0,
      bundle: 'elsewhere',
    };
    const against: Have = { schema: 1, blobs: [foreign, { ...whole, parts: '' }] };
    const { path } = await bundleOf('1.21.7', against, 1);
    const { code, stderr } = await stack.cli('bundle', 'import', path, '--data', stack.data);
    expect(code).toBe(1);
    expect(stderr).toContain('builds on 1 blobs of elsewhere that are not there (base_missing)');
    expect(stderr).toContain('remedy: Import elsewhere first');
  });
});
