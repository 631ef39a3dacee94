import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildBundle, type BuildOptions } from '#builder';
import { verifyBundle } from '#bundle';
import { builderEnv, tidy } from './synthetic/build-packs.ts';
import { publishTo, writeFiles } from './synthetic/proxy.ts';

const scratch = mkdtempSync(join(tmpdir(), 'builds-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const MODULES = join(scratch, 'proxy');
/** Not of this machine: its Go packs and builds. */
const ARCHIVE = 'go1.21.5.linux-s390x.tar.gz';

/** A server of archives that sends one slowly, and what it was asked for. */
let server: Server;
let dlUrl: string;
let asked: string[];
let env: Record<string, string | undefined>;
beforeAll(async () => {
  const made = join(scratch, 'made/go');
  await writeFiles(made, {
    VERSION: 'go1.21.5\ntime 2023-11-29T21:21:46Z\n',
    'bin/go': '#!/bin/sh\n',
    'src/go.mod': 'module std\n',
  });
  writeFileSync(join(made, 'src/noise'), randomBytes(2_000_000));
  const archive = execFileSync('tar', ['-C', dirname(made), '-cz', 'go'], { maxBuffer: 1e8 });
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const facts = { filename: ARCHIVE, os: 'linux', arch: 's390x', kind: 'archive' };
  const files = [{ ...facts, sha256, size: archive.length }];
  const index = JSON.stringify([{ version: 'go1.21.5', files }]);
  server = createServer(({ url = '', headers }, response) => {
    if (!url.includes(ARCHIVE)) {
      response.end(index);
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
    asked.push(from === 0 ? 'all' : 'rest');
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': archive.length - from });
    const half = from + Math.ceil((archive.length - from) / 2);
    response.write(archive.subarray(from, half));
    setTimeout(() => response.end(archive.subarray(half)), 300);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  dlUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await publishTo(MODULES, [
    {
      module: 'example.com/leaf@v1.0.0',
      files: { 'go.mod': 'module example.com/leaf\n\ngo 1.21\n', 'leaf.go': 'package leaf\n' },
    },
  ]);
  env = builderEnv(scratch, MODULES);
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(resolve));
});

/** A bundle file with a toolchain and a project of its own, and places for cache and output. */
let base: string;
beforeEach(async () => {
  asked = [];
  base = mkdtempSync(join(scratch, 'base-'));
  await project('api');
});

async function project(name: string): Promise<void> {
  await writeFiles(join(base, name), {
    'go.mod': `module example.com/${name}\n\ngo 1.21\n\nrequire example.com/leaf v1.0.0\n`,
    'main.go': 'package main\n\nimport _ "example.com/leaf"\n\nfunc main() {}\n',
  });
  await tidy(join(base, name), env);
  writeFileSync(
    join(base, `${name}.yaml`),
    `kind: Bundle\nname: ${name}\ntoolchains: [{ version: "1.21.5", platforms: [linux/s390x] }]\n` +
      `packs: [{ name: default, projects: [${name}] }]\nsources: [dl]\n`,
  );
}

function options(name = 'api', out = join(base, `out-${name}`)): Omit<BuildOptions, 'env'> {
  const file = join(base, `${name}.yaml`);
  return { file, out, cache: join(base, 'cache'), dlUrl, rehearse: false };
}

/** A build in a process of its own; killed when it says what is waited for. */
async function run(of: Omit<BuildOptions, 'env'>, killAt?: RegExp) {
  const main = join(import.meta.dirname, 'build-process.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--no-warnings', main, JSON.stringify(of)],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (killAt?.test(line)) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { said, signal: child.signalCode, last: said.at(-1) ?? '' };
}

describe('two builds at once with one cache', () => {
  it('of the same bundle make everything once, and the same bytes', async () => {
    const both = await Promise.all([
      run(options()),
      run(options('api', join(base, 'second.gofleet'))),
    ]);
    expect(both[0].last).toMatch(/^built [0-9a-f]{64}$/);
    expect(both[1].last).toBe(both[0].last);
    expect(asked).toEqual(['all']);
    const packing = both.flatMap(({ said }) => said).filter((line) => line.includes('packing go'));
    expect(packing).toHaveLength(1);
    expect(readdirSync(join(base, 'cache/scratch'))).toEqual([]);
  });

  it('of different bundles share what they have in common', async () => {
    await project('worker');
    const both = await Promise.all([run(options('api')), run(options('worker'))]);
    for (const { last } of both) expect(last).toMatch(/^built/);
    expect(asked).toEqual(['all']);
    for (const name of ['api', 'worker'])
      expect((await verifyBundle(join(base, `out-${name}`))).good).toBe(true);
  });
});

describe('a build that is killed', () => {
  const PHASES: [string, RegExp, string[]][] = [
    ['in the middle of a download', /^download .* [1-9]/, ['all', 'rest']],
    ['while it packs modules', /^pack .*modules/, ['all']],
    ['while it writes', /^write /, ['all']],
  ];

  it.each(PHASES)('%s goes on where it was', async (_, phase, fetched) => {
    const killed = await run(options(), phase);
    expect(killed.signal).toBe('SIGKILL');
    expect(existsSync(join(base, 'out-api'))).toBe(false);
    const again = await run(options());
    expect(again.last).toMatch(/^built/);
    expect(asked).toEqual(fetched);
    expect((await verifyBundle(join(base, 'out-api'))).good).toBe(true);
    expect(readdirSync(join(base, 'cache/scratch'))).toEqual([]);
    expect(globSync(join(base, '.*'))).toEqual([]);
  });
});

/** A build in this process, with the Go of this machine. */
function build(more: Partial<BuildOptions> = {}) {
  return buildBundle({ ...options(), env, ...more });
}

/** A small disk, while a test runs. */
async function onDisk<T>(flags: string, test: (place: string) => Promise<T>): Promise<T> {
  const place = mkdtempSync(join(scratch, 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', flags, 'tmpfs', place]);
  try {
    return await test(place);
  } finally {
    execFileSync('umount', ['-l', place]);
  }
}

describe.runIf(process.getuid?.() === 0)('a disk', () => {
  it('that is full under the cache is named, and nothing is written', async () => {
    await onDisk('size=3m', async (place) => {
      const failed = build({ cache: join(place, 'cache') });
      await expect(failed).rejects.toMatchObject({ code: 'disk_full' });
      await expect(failed).rejects.toThrow(`the disk of ${place}`);
      expect(existsSync(join(base, 'out-api'))).toBe(false);
    });
  });

  it('that is full under the output is named, and what was there stays', async () => {
    await onDisk('size=1m', async (place) => {
      mkdirSync(join(place, 'other'));
      for (const out of ['bundle', 'bundle.gofleet'])
        await expect(build({ out: join(place, out) })).rejects.toMatchObject({ code: 'disk_full' });
      expect(readdirSync(place)).toEqual(['other']);
    });
  });

  it('that may only be read is named before anything is fetched', async () => {
    await onDisk('ro', async (place) => {
      const failed = build({ out: join(place, 'some/where') });
      await expect(failed).rejects.toMatchObject({ code: 'usage' });
      await expect(failed).rejects.toThrow(`${place} is not writable (EROFS)`);
      expect(asked).toEqual([]);
    });
  });
});

describe('an output', () => {
  it('inside a project would be packed by the next build, unless git ignores it', async () => {
    const api = join(base, 'api');
    const inside = { out: join(api, 'dist/bundle') };
    await expect(build(inside)).rejects.toThrow(`dist/bundle lies in the project ${api}`);
    expect(asked).toEqual([]);
    execFileSync('git', ['init', '--quiet'], { cwd: api });
    writeFileSync(join(api, '.gitignore'), 'dist/\n');
    const first = await build(inside);
    expect((await build(inside)).digest).toBe(first.digest);
  });
});

describe('a folder of downloads', () => {
  it('has modules too, where nothing else can be reached', async () => {
    const downloads = join(base, 'downloads');
    const tree = join(downloads, 'cache/download');
    mkdirSync(dirname(tree), { recursive: true });
    execFileSync('cp', ['-r', MODULES, tree]);
    const yaml = 'packs: [{ name: default, projects: [api] }]\nsources: ["dir:downloads"]\n';
    writeFileSync(join(base, 'api.yaml'), `kind: Bundle\nname: api\n${yaml}`);
    const { manifest } = await build({ env: { ...env, GOPROXY: 'off' } });
    expect(manifest.packs[0]?.modules.map(({ path }) => path)).toEqual(['example.com/leaf']);
  });
});
