import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundle, type BuildOptions } from '#builder';
import {
  findPack,
  findToolchain,
  inspectBundle,
  openBundle,
  verifyBundle,
  type Manifest,
  type WrittenBundle,
} from '#bundle';
import { offlineHost, type OfflineHost } from './offline.ts';
import { GOCACHE } from './synthetic/offline-go.ts';

const EXAMPLE = resolve('examples/bundle.yaml');
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
const cache = join(folder, 'cache');
const env = { ...process.env, GOCACHE };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let bundle: WrittenBundle;
let modules: string;
let project: string;
let host: OfflineHost;
let said: string[];

beforeAll(async () => {
  said = [];
  const progress: BuildOptions['progress'] = ({ message }) => void said.push(message);
  bundle = await buildBundle({
    file: EXAMPLE,
    out: join(folder, 'bundle'),
    cache,
    env,
    progress,
  });
  const { manifest } = bundle;
  const pack = findPack(manifest, 'default');
  const go = findToolchain(manifest, { version: '1.21.5', os: 'linux', arch: 'amd64' });
  for (const blob of [go?.blob, pack?.blob, pack?.projects[0]?.blob]) unpack(manifest, blob);
  [modules, project] = [join(folder, 'modules'), join(folder, 'sample')];
  host = offlineHost(folder, join(folder, 'go'), modules);
});

function unpack(manifest: Manifest, sha256: string | undefined): void {
  const path = manifest.blobs.find((blob) => blob.sha256 === sha256)?.path ?? 'none';
  execFileSync('tar', ['-xzf', join(folder, 'bundle', path), '-C', folder]);
}

/** Builds a pack of a copy of the sample from the modules of the bundle itself, with the bundle's own go. */
async function buildPack(
  change: Partial<BuildOptions>,
  edit?: (sample: string) => void,
): Promise<WrittenBundle> {
  const base = mkdtempSync(join(folder, 'pack-'));
  cpSync(project, join(base, 'sample'), { recursive: true });
  edit?.(join(base, 'sample'));
  writeFileSync(
    join(base, 'bundle.yaml'),
    'kind: Bundle\nname: p\npacks: [{ name: default, projects: [sample] }]\n',
  );
  const { env: more = {}, ...rest } = change;
  return buildBundle({
    file: join(base, 'bundle.yaml'),
    out: join(base, 'out'),
    cache: join(base, 'cache'),
    go: join(folder, 'go/bin/go'),
    env: { ...env, GOPROXY: `file://${modules}`, GOSUMDB: 'sum.golang.org', ...more },
    rehearse: false,
    ...rest,
  });
}

describe('the example', () => {
  it('is good, also for sha256sum', async () => {
    expect(await verifyBundle(bundle.path)).toMatchObject({
      good: true,
      digest: bundle.digest,
      blobs: 4,
    });
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {
      cwd: bundle.path,
    });
  });

  it('says what is in it and what vouches for it', async () => {
    const hasGo = spawnSync('go', ['version']).status === 0;
    const { toolchains, packs } = await inspectBundle(bundle.path);
    expect(toolchains).toMatchObject([
      {
        version: '1.21.5',
        platform: 'linux/amd64',
        source: 'proxy',
        verified: hasGo ? 'checksum-database' : 'none',
      },
    ]);
    expect(packs).toMatchObject([
      { name: 'default', modules: 6, unverified: [], projects: [{ name: 'sample', go: '1.21' }] },
    ]);
    const tested = bundle.manifest.packs[0]?.modules.find(
      ({ path }) => path === 'github.com/stretchr/testify',
    );
    expect(tested?.verified).toBe('checksum-database');
    expect(tested?.h1).toMatch(/^h1:/);
  });

  it('was rehearsed: every step passes from its pack alone', () => {
    const { rehearsal } = bundle.manifest;
    expect(rehearsal).toMatchObject({ go: '1.21.5', projects: [{ project: 'sample' }] });
    const steps = rehearsal?.projects[0]?.steps.map(({ step, result }) => `${step} ${result}`);
    const passed = ['verify', 'list', 'build', 'vet', 'test', 'tidy'].map(
      (step) => `${step} passed`,
    );
    expect(steps).toEqual(passed);
  });

  it('has the same bytes the second time, as a file too', async () => {
    const out = join(folder, 'again.gofleet');
    const again = await buildBundle({ file: EXAMPLE, out, cache, env });
    expect(again.digest).toBe(bundle.digest);
    const before = readFileSync(out);
    await buildBundle({ file: EXAMPLE, out, cache, env });
    expect(readFileSync(out).equals(before)).toBe(true);
    expect((await openBundle(out)).manifestText).toBe(
      readFileSync(join(bundle.path, 'manifest.json'), 'utf8'),
    );
  });

  it('is what is on disk when it is unpacked', () => {
    const go = bundle.manifest.toolchains[0];
    const count = execFileSync('sh', ['-c', 'find go | wc -l'], { cwd: folder }).toString();
    expect(Number(count)).toBe(go?.entries);
    expect(readFileSync(join(folder, 'go/VERSION'), 'utf8')).toBe(go?.versionText);
    expect(readFileSync(join(folder, 'go/src/go.mod'), 'utf8')).toMatch(/^module std/);
    expect(globSync('**/_go.mod', { cwd: join(folder, 'go') })).toEqual([]);
  });
});

describe('on a host without a network', () => {
  it('Go runs, builds and tests the project', () => {
    expect(host.run('go version', project)).toBe('go version go1.21.5 linux/amd64\n');
    host.run('go build -o sample . && go vet ./...', project);
    expect(host.run('printf "a = 1\\n" | ./sample', project)).toBe('a  1\n');
    expect(host.run('go test ./...', project)).toMatch(/ok\s+example.com\/sample\/settings/);
  });

  it('the module graph is complete: list, graph, verify, tidy', () => {
    expect(host.run('go list -m all', project)).toContain('github.com/stretchr/testify v1.7.0');
    host.run('go mod graph', project);
    expect(host.run('go mod verify', project)).toContain('all modules verified');
    const before = readFileSync(join(project, 'go.sum'), 'utf8');
    host.run('go mod tidy', project);
    expect(readFileSync(join(project, 'go.sum'), 'utf8')).toBe(before);
    expect(host.run('go list -m -versions github.com/rivo/uniseg', project)).toContain('v0.4.7');
  });

  it('a module whose bytes were changed is refused', () => {
    const copy = mkdtempSync(join(folder, 'tampered-'));
    cpSync(modules, copy, { recursive: true });
    tamper(copy);
    const changed = offlineHost(folder, host.goroot, copy);
    expect(() => changed.run('go build ./...', project)).toThrow(/SECURITY ERROR/);
    offlineHost(folder, host.goroot, modules);
  });
});

/** Puts the zip of another version in place of one: sound as a zip, wrong as this module. */
function tamper(tree: string): void {
  const zip = join(tree, 'github.com/rivo/uniseg/@v/v0.4.7.zip');
  const work = mkdtempSync(join(folder, 'zip-'));
  const [program, args] = zipTool(zip, work);
  execFileSync(program, args, { cwd: work });
}

/** Adds a file to a zip with what every machine of ours has: the go command. */
function zipTool(zip: string, work: string): [string, string[]] {
  writeFileSync(
    join(work, 'main.go'),
    `package main
import ("archive/zip"; "io"; "os")
func must(err error) { if err != nil { panic(err) } }
func main() {
	r, err := zip.OpenReader(os.Args[1]); must(err)
	out, err := os.Create(os.Args[1] + ".new"); must(err)
	w := zip.NewWriter(out)
	for _, f := range r.File {
		e, err := w.Create(f.Name); must(err)
		in, err := f.Open(); must(err)
		_, err = io.Copy(e, in); must(err)
	}
	e, err := w.Create("github.com/rivo/uniseg@v0.4.7/backdoor.go"); must(err)
	_, err = io.WriteString(e, "package uniseg\\n"); must(err)
	must(w.Close()); must(out.Close()); must(os.Rename(os.Args[1]+".new", os.Args[1]))
}
`,
  );
  host.run(`go build -o ${work}/tool ${work}/main.go`, work);
  return [join(work, 'tool'), [zip]];
}

describe('a pack', () => {
  it('is the same from a cold cache, by another Go, through another proxy', async () => {
    const { manifest } = await buildPack({});
    const pack = bundle.manifest.packs[0];
    expect(manifest.packs[0]).toMatchObject({ blob: pack?.blob, tree: pack?.tree });
  });

  it('is not made of a module that differs from go.sum', async () => {
    const copy = mkdtempSync(join(folder, 'tampered-'));
    cpSync(modules, copy, { recursive: true });
    tamper(copy);
    const GOMODCACHE = mkdtempSync(join(folder, 'mod-'));
    const failed = buildPack({ env: { GOPROXY: `file://${copy}`, GOMODCACHE } });
    await expect(failed).rejects.toMatchObject({ code: 'bundle_invalid' });
    await expect(failed).rejects.toThrow(
      /uniseg@v0.4.7: checksum mismatch; downloaded: h1:.*go.sum: h1:WUdvkW8/,
    );
  });

  it('names what nobody vouches for, where the checksum database does not answer', async () => {
    const silent = { GOSUMDB: 'sum.golang.org http://127.0.0.1:9' };
    const { path } = await buildPack({ env: silent, allowUnverified: true }, (sample) => {
      const sums = readFileSync(join(sample, 'go.sum'), 'utf8').split('\n');
      writeFileSync(
        join(sample, 'go.sum'),
        sums.filter((line) => !/testify v1.7.0 /.test(line)).join('\n'),
      );
    });
    expect((await inspectBundle(path)).packs[0]?.unverified).toEqual([
      'github.com/stretchr/testify@v1.7.0',
    ]);
  });

  it('carries what git tracks or would track, and nothing that it ignores', async () => {
    const { path, manifest } = await buildPack({}, (sample) => {
      execFileSync('git', ['init', '-q'], { cwd: sample });
      mkdirSync(join(sample, 'bin'));
      writeFileSync(join(sample, 'bin/secret'), '');
      writeFileSync(join(sample, 'new.txt'), '');
    });
    const blob = manifest.blobs.find(
      ({ sha256 }) => sha256 === manifest.packs[0]?.projects[0]?.blob,
    );
    const names = execFileSync('tar', ['-tzf', join(path, blob?.path ?? '')])
      .toString()
      .split('\n');
    expect(names).toContain('sample/new.txt');
    expect(names.filter((name) => /bin|\.git\//.test(name))).toEqual([]);
  });

  it('is made with the Go of the bundle where there is no other', async () => {
    const base = mkdtempSync(join(folder, 'without-'));
    cpSync(project, join(base, 'sample'), { recursive: true });
    appendFileSync(join(base, 'sample/main.go'), '// other\n');
    cpSync(EXAMPLE, join(base, 'bundle.yaml'));
    const heard: string[] = [];
    const progress: BuildOptions['progress'] = ({ message }) => void heard.push(message);
    const options = {
      file: join(base, 'bundle.yaml'),
      out: join(base, 'out'),
      cache,
      env: { ...env, GOPROXY: `file://${modules}` },
      rehearse: false,
      progress,
    };
    const { manifest } = await buildBundle({ ...options, go: 'no-such-go' });
    expect(manifest.packs[0]?.tree).toBe(bundle.manifest.packs[0]?.tree);
    expect(heard).toContain("using the bundle's go 1.21.5");
  });
});

it('tells what it does on the way', () => {
  expect(said.some((message) => /modules of sample/.test(message))).toBe(true);
});
