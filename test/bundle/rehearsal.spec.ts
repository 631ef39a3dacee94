import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildEvent } from '#builder';
import { writeArchive, type ArchiveEntry, type Pack, type WrittenBundle } from '#bundle';
import { hashGoMod } from '#gomod';
import type { Build } from '../../libs/builder/build.ts';
import { openChecksums } from '../../libs/builder/checksums/index.ts';
import { goCommand } from '../../libs/builder/go.ts';
import { goForPacks } from '../../libs/builder/toolchains/own-go.ts';
import { rehearse } from '../../libs/builder/rehearsal/index.ts';
import { networkCut } from '../../libs/builder/rehearsal/network.ts';
import { openStage } from '../../libs/builder/rehearsal/stage.ts';
import { openWorkbench } from '../../libs/builder/cache/workbench.ts';
import { builderEnv, buildFrom, tidy, unpackOn } from './synthetic/build-packs.ts';
import { publishTo, writeFiles, type Files } from './synthetic/proxy.ts';
import { WORLD } from './synthetic/world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rehearsal-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const proxy = join(scratch, 'proxy');
const env = { ...builderEnv(scratch, proxy), SECRET_TOKEN: 'hush', GOFLAGS: '-mod=mod' };

const mod = (rows = ''): string => `module example.com/p\n\ngo 1.21\n\n${rows}\n`;
const MID = 'require example.com/mid v1.0.0';
const USES_MID = 'package p\n\nimport _ "example.com/mid"\n';

const PROJECTS: Record<string, Files> = {
  sound: { 'go.mod': mod(MID), 'p.go': USES_MID, 'p_test.go': 'package p\n' },
  vendored: { 'go.mod': mod(MID), 'p.go': USES_MID },
  workspace: {
    'go.work': 'go 1.21\n\nuse (\n\t.\n\t./lib\n)\n',
    'go.mod': mod(MID),
    'p.go': USES_MID,
    'lib/go.mod': 'module example.com/lib\n\ngo 1.21\n',
    'lib/lib.go': 'package lib\n',
  },
  faulty: {
    'go.mod': mod('require example.com/leaf v1.0.0 // indirect'),
    'p.go': 'package p\n',
    'p_test.go': 'package p\n\nvar _ = nothing\n',
    'p_arm64.go': 'package p\n\nvar wrong int = ""\n',
  },
  c: {
    'go.mod': mod(),
    'c/c.go': 'package c\n\nimport "C"\n',
    'p.go': 'package p\n\nimport _ "example.com/p/c"\n',
  },
};

let events: BuildEvent[] = [];
const built = (projects: string[], rehearsed = true): Promise<WrittenBundle> =>
  buildFrom(scratch, `packs: [{ name: default, projects: [${projects.join(', ')}] }]\n`, {
    env,
    rehearse: rehearsed,
    progress: (event) => events.push(event),
  });

beforeAll(async () => {
  await publishTo(proxy, WORLD);
  for (const [name, files] of Object.entries(PROJECTS)) {
    const folder = join(scratch, name);
    await writeFiles(folder, files);
    if (name === 'faulty') execFileSync('go', ['mod', 'download'], { cwd: folder, env });
    else await tidy(folder, { ...env, GOWORK: 'off' });
  }
  execFileSync('go', ['mod', 'vendor'], { cwd: join(scratch, 'vendored'), env });
});

const HERE = ['verify', 'list', 'build', 'vet', 'test', 'tidy'];

describe('a project', () => {
  it('passes every step from its pack alone, also with vendor/ and as a workspace', async () => {
    const { manifest } = await built(['sound', 'vendored', 'workspace']);
    const { projects = [] } = manifest.rehearsal ?? {};
    expect(projects.map(({ project }) => project)).toEqual(['sound', 'vendored', 'workspace']);
    for (const { steps } of projects) {
      expect(steps.map(({ step }) => step)).toEqual(HERE);
      expect(steps.filter(({ result }) => result !== 'passed')).toEqual([]);
    }
  });

  it('that passed before is not tried again, unless something of it has changed', async () => {
    events = [];
    await built(['sound', 'vendored', 'workspace']);
    expect(events.filter(({ step }) => step === 'rehearsal')).toEqual([]);
  });

  it('with a fault of its own is noted with what go says, and the bundle is written', async () => {
    const { manifest } = await built(['faulty']);
    const [project] = manifest.rehearsal?.projects ?? [];
    const notes = project?.steps.map(({ step, result, note }) =>
      `${step} ${result} ${note}`.trim(),
    );
    expect(notes).toEqual([
      'verify passed',
      'list passed',
      'build passed',
      'vet fails-online-too ./p_test.go:3:9: undefined: nothing',
      'test fails-online-too ./p_test.go:3:9: undefined: nothing',
      'tidy fails-online-too go mod tidy would change go.mod',
    ]);
  });
});

it('tools are installed, and modules of `also` are got, from the pack alone', async () => {
  const pack = '{ name: default, projects: [sound], also: ["example.com/deep@latest"] }';
  const tools = '["example.com/tool/cmd/hello@v1.0.0"]';
  const yaml = `packs: [${pack}]\ntools: ${tools}\n`;
  const { manifest } = await buildFrom(scratch, yaml, { env, rehearse: true });
  const [, ...others] = manifest.rehearsal?.projects ?? [];
  const results = others.map(({ project, steps }) => [
    project,
    ...steps.map(({ step, result }) => `${step} ${result}`),
  ]);
  expect(results).toEqual([
    ['example.com/tool/cmd/hello@v1.0.0', 'install passed'],
    ['example.com/deep@v1.0.0', 'get passed'],
  ]);
});

it('a dependency that asks for a newer Go is named where it is required', async () => {
  await publishTo(proxy, [
    {
      module: 'example.com/new@v1.0.0',
      files: { 'go.mod': 'module example.com/new\n\ngo 1.99\n' },
    },
  ]);
  const sum = await hashGoMod(join(proxy, 'example.com/new/@v/v1.0.0.mod'));
  await writeFiles(join(scratch, 'ahead'), {
    'go.mod': mod('require example.com/new v1.0.0'),
    'go.sum': `example.com/new v1.0.0/go.mod ${sum}\n`,
  });
  await expect(built(['ahead'])).rejects.toThrow(
    expect.objectContaining({
      code: 'invalid_file',
      message: expect.stringMatching(
        /ahead\/go\.mod line 5: example\.com\/new@v1\.0\.0 asks for Go 1\.99, and packs are made with go 1\./,
      ),
      remedy: expect.stringContaining('toolchain of Go 1.99'),
    }),
  );
});

describe('for other platforms', () => {
  it('the types are checked, and what needs a C compiler is not held against a project', async () => {
    await using build = await openBuild();
    const { packs } = (await built(['faulty', 'c'], false)).manifest;
    const own = await goForPacks(build, []);
    const { projects } = await rehearse(
      { packs, tools: [], platforms: ['linux/arm64'] },
      own,
      build,
    );
    const steps = projects.map((each) => each.steps.find(({ step }) => step === 'typecheck'));
    expect(steps).toMatchObject(
      [
        {
          platform: 'linux/arm64',
          result: 'fails-online-too',
          note: /p_arm64\.go:3:17: cannot use ""/,
        },
        {
          platform: 'linux/arm64',
          result: 'not-applicable',
          note: 'example.com/p/c needs a C compiler for linux/arm64',
        },
      ].map((each) => ({ ...each, note: expect.stringMatching(each.note) })),
    );
  });
});

describe('a pack', () => {
  it('that lacks a module ends the build with what go asked for', async () => {
    await using build = await openBuild();
    const bundle = await built(['sound'], false);
    const pack = await without('example.com/testonly/@v/v1.0.0.zip', bundle, build);
    const own = await goForPacks(build, []);
    await expect(rehearse({ packs: [pack], tools: [], platforms: [] }, own, build)).rejects.toThrow(
      expect.objectContaining({
        code: 'rehearsal_failed',
        message: expect.stringMatching(
          /^pack default, sound: `go list -deps -test all` fails with what is in the pack, and works with a network: .* \$GOMODCACHE\/example\.com\/mid@v1\.0\.0\/mid_test\.go:3:8: example\.com\/testonly@v1\.0\.0: .* no such file/,
        ),
        remedy: expect.stringContaining('`also`'),
      }),
    );
  });

  it('has no network, and nothing of the environment of the builder', async () => {
    await using build = await openBuild();
    const [pack] = (await built(['sound'], false)).manifest.packs;
    const network = await networkCut(env);
    await using stage = await openStage(
      pack ?? never(),
      await goForPacks(build, []),
      network,
      build,
    );
    const cwd = await stage.folder('spy');
    const spy = `package main\n\nimport "os"\n\nfunc main() {
	for _, each := range os.Environ() { println(each) }
	interfaces, _ := os.ReadFile("/proc/net/dev")
	println(string(interfaces))
}\n`;
    await writeFiles(cwd, { 'go.mod': 'module spy\n\ngo 1.21\n', 'main.go': spy });
    const { stderr } = await stage.offline({ args: ['run', '.'], cwd });
    expect(stderr).toContain('GOPROXY=file://');
    expect(stderr).toContain('GOVCS=*:off');
    expect(stderr).not.toMatch(/hush|builder-/);
    const devices = [...stderr.matchAll(/^ *(\w+):/gm)].map(([, name]) => name);
    if (network === 'cut') expect(devices).toEqual(['lo']);
    else expect(stderr).toContain('HTTPS_PROXY=http://127.0.0.1:9');
  });
});

/** A pack with one file of its tree left out. */
async function without(path: string, bundle: WrittenBundle, build: Build): Promise<Pack> {
  const { pack, modules } = unpackOn(scratch, bundle, 'default');
  const names = globSync('**/*', { cwd: modules, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(modules.length + 1));
  expect(names).toContain(path);
  const entries = names
    .filter((name) => name !== path)
    .map(async (name): Promise<ArchiveEntry> => {
      const bytes = await readFile(join(modules, name));
      const read = async function* () {
        if (bytes.length > 0) yield bytes;
      };
      return { path: `modules/${name}`, kind: 'file', executable: false, size: bytes.length, read };
    });
  const place = join(await build.bench.scratch('pack'), 'blob');
  const archive = await writeArchive(await Promise.all(entries), place, 1);
  await build.bench.blobs.adopt(place, archive.blob);
  return { ...pack, ...archive };
}

/** What a build works with, over the cache of the other tests. */
async function openBuild(): Promise<Build & AsyncDisposable> {
  const bench = await openWorkbench(join(scratch, 'cache'));
  const base = {
    go: goCommand('go', env),
    env,
    bench,
    dlUrl: '',
    progress: () => {},
    signal: undefined,
  };
  const checksums = await openChecksums(base);
  return { ...base, checksums, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

function never(): never {
  throw new Error('the bundle has no pack');
}
