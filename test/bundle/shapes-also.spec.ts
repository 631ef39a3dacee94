import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WrittenBundle } from '#bundle';
import { builderEnv, buildFrom, tidy, unpackOn } from './synthetic/build-packs.ts';
import { publishTo, writeFiles } from './synthetic/proxy.ts';
import { WORLD } from './synthetic/world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'also-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const proxy = join(scratch, 'proxy');
const env = builderEnv(scratch, proxy);
const HELLO = 'example.com/tool/cmd/hello@latest';
const YAML = `packs:
  - { name: default, projects: [p], also: ["example.com/leaf@latest", "example.com/deep@v1.0.0"] }
tools: ["${HELLO}"]
`;

let bundle: WrittenBundle;
beforeAll(async () => {
  await publishTo(proxy, WORLD);
  await writeFiles(join(scratch, 'p'), {
    'go.mod': 'module example.com/p\n\ngo 1.21\n\nrequire example.com/mid v1.0.0\n',
    'p.go': 'package p\n\nimport _ "example.com/mid"\n',
  });
  await tidy(join(scratch, 'p'), env);
  bundle = await buildFrom(scratch, YAML, { env });
});

describe('a pack with modules and tools that no project needs', () => {
  it('names the versions that the queries came to', () => {
    expect(bundle.manifest.packs[0]?.also).toEqual([
      'example.com/deep@v1.0.0',
      'example.com/leaf@v1.2.0',
      'example.com/tool@v1.1.0',
    ]);
    expect(bundle.manifest.tools).toEqual([
      {
        package: 'example.com/tool/cmd/hello',
        module: 'example.com/tool',
        version: 'v1.1.0',
        packs: ['default'],
      },
    ]);
  });

  it('lets the project require one of them later, by version and by query', () => {
    const host = unpackOn(scratch, bundle, 'default');
    host.run('go get example.com/leaf@latest && go vet all && go list -m all', 'p');
    host.run('go get example.com/deep@v1.0.0 && go mod graph && go mod download all', 'p');
    expect(host.run('go list -m -versions example.com/leaf', 'p')).toContain('v1.0.0 v1.2.0');
  });

  it('lets a new module begin with one of them', () => {
    const host = unpackOn(scratch, bundle, 'default');
    host.run('go mod init example.com/new && go get -t example.com/deep@v1.0.0');
    host.run('go vet example.com/deep && go list -m all && go mod verify');
  });

  it('lets a tool be installed', () => {
    const host = unpackOn(scratch, bundle, 'default');
    const said = host.run(`go install ${HELLO} && "$HOME/go/bin/hello" 2>&1`);
    expect(said).toBe('v1.0.0 v1.1.0\n');
  });
});

describe('tools', () => {
  it('without any pack get one of their own', async () => {
    const { manifest } = await buildFrom(scratch, `tools: ["${HELLO}"]\n`, { env });
    expect(manifest.packs).toMatchObject([
      { name: 'tools', projects: [], also: ['example.com/tool@v1.1.0'] },
    ]);
    expect(manifest.tools[0]?.packs).toEqual(['tools']);
  });

  it.each([
    ['example.com/tool/lib@v1.1.0', 'invalid_file', /it is a library and no command/],
    ['example.com/odd@v1.0.0', 'invalid_file', /its go.mod has replace or exclude lines/],
    ['example.com/nobody@v1.0.0', 'go_failed', /example.com\/nobody/],
  ])('%s is refused: %s', async (tool, code, message) => {
    await publishTo(proxy, [
      {
        module: 'example.com/odd@v1.0.0',
        files: {
          'go.mod': 'module example.com/odd\n\ngo 1.21\n\nexclude example.com/leaf v1.0.0\n',
          'main.go': 'package main\n\nfunc main() {}\n',
        },
      },
    ]);
    const failed = buildFrom(scratch, `tools: ["${tool}"]\n`, { env });
    await expect(failed).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('what was downloaded once', () => {
  const yaml = YAML.replace('@latest', '@v1.2.0').replace('hello@latest', 'hello@v1.1.0');

  it('is not asked for again: the same bytes without any proxy', async () => {
    const off = { ...env, GOPROXY: 'off' };
    const again = await buildFrom(scratch, yaml, { env: off });
    expect(again.manifest.packs).toEqual(bundle.manifest.packs);
  });

  it('serves another project too, and two builds at once', async () => {
    const off = { ...env, GOPROXY: 'off' };
    for (const name of ['q', 'r']) {
      execFileSync('cp', ['-r', join(scratch, 'p'), join(scratch, name)]);
      writeFileSync(join(scratch, name, 'more.go'), `package p // ${name}\n`);
    }
    const both = ['q', 'r'].map((name) =>
      buildFrom(scratch, `packs: [{ name: default, projects: [${name}] }]\n`, { env: off }),
    );
    const [q, r] = (await Promise.all(both)).map(({ manifest }) => manifest.packs[0]);
    expect(q?.tree).toBe(r?.tree);
    expect(q?.modules.length).toBeGreaterThan(2);
  });

  it('by the user comes from there: a new builder with no proxy makes the same pack', async () => {
    const own = join(scratch, 'user');
    const used = { ...env, GOMODCACHE: own };
    execFileSync('go', ['mod', 'download', 'all'], { cwd: join(scratch, 'q'), env: used });
    const project = 'packs: [{ name: default, projects: [q] }]\n';
    const expected = await buildFrom(scratch, project, { env });
    const cold = { env: { ...used, GOPROXY: 'off' }, cache: join(scratch, 'cold') };
    const made = await buildFrom(scratch, project, cold);
    expect(made.manifest.packs).toEqual(expected.manifest.packs);
  });

  it('is kept by the builder itself where the user has no module cache that can be written', async () => {
    const cache = join(scratch, 'reader');
    const made = await buildFrom(scratch, 'packs: [{ name: default, projects: [q] }]\n', {
      env: { ...env, GOMODCACHE: '/dev/null/mod' },
      cache,
    });
    expect(made.manifest.packs[0]?.modules.length).toBeGreaterThan(2);
    expect(readdirSync(join(cache, 'kept/modules/cache/download'))).toContain('example.com');
  });

  it('is held against go.sum anew, whatever the cache says of it', async () => {
    const own = join(scratch, 'user/cache/download');
    expect(readdirSync(join(own, 'example.com/mid/@v'))).toContain('v1.0.0.ziphash');
    const mid = WORLD.filter(({ module }) => module === 'example.com/mid@v1.0.0');
    const evil = mid.map(({ module, files }) => ({
      module,
      files: { ...files, 'evil.go': 'package mid\n' },
    }));
    await publishTo(own, evil);
    const options = {
      env: { ...env, GOPROXY: 'off', GOMODCACHE: join(scratch, 'user') },
      cache: join(scratch, 'tampered'),
    };
    const failed = buildFrom(scratch, 'packs: [{ name: default, projects: [q] }]\n', options);
    await expect(failed).rejects.toMatchObject({ code: 'bundle_invalid' });
    await expect(failed).rejects.toThrow(/mid@v1.0.0 has h1:.*, go.sum says h1:/);
  });
});

describe('a project that prefers a newer toolchain than any of the bundle', () => {
  it('gets it as a module for each platform of the bundle', async () => {
    const toolchain = (version: string): string =>
      `golang.org/toolchain@v0.0.1-go${version}.linux-arm64`;
    await publishTo(
      proxy,
      ['1.21.5', '1.99.1'].map((version) => ({
        module: toolchain(version),
        files: { VERSION: `go${version}\ntime 2024-01-01T00:00:00Z\n`, 'bin/go': 'ELF' },
      })),
    );
    await writeFiles(join(scratch, 'prefers'), {
      'go.mod': 'module example.com/prefers\n\ngo 1.21\n\ntoolchain go1.99.1\n',
      'p.go': 'package p\n',
    });
    const yaml = `toolchains: [{ version: "1.21.5", platforms: [linux/arm64] }]
packs: [{ name: default, projects: [prefers] }]
sources: [proxy]
`;
    const made = await buildFrom(scratch, yaml, { env });
    const host = unpackOn(scratch, made, 'default');
    expect(host.pack.modules.map(({ path, version }) => `${path}@${version}`)).toEqual([
      toolchain('1.99.1'),
    ]);
    const files = readdirSync(join(host.modules, 'golang.org/toolchain/@v')).sort();
    expect(files).toEqual([
      'list',
      ...['info', 'mod', 'zip'].map((ending) => `v0.0.1-go1.99.1.linux-arm64.${ending}`),
    ]);
  });
});
