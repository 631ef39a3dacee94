import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildBundle, type BuildEvent } from '#builder';
import { isGofleetError } from '#errors';

const folder = mkdtempSync(join(tmpdir(), 'preflight-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Hosts get Go 1.21.5, and this machine has none: whatever is found is found before anything is fetched. */
const BUNDLE = `kind: Bundle
name: b
toolchains: [{ version: '1.21.5', platforms: [linux/amd64, linux/arm64] }]
packs: [{ name: default, projects: [p] }]
sources: [goroot]
`;

async function build(files: Record<string, string>, bundle = BUNDLE) {
  const base = mkdtempSync(join(folder, 'base-'));
  for (const [name, text] of Object.entries({ 'bundle.yaml': bundle, ...files })) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), text);
  }
  const events: BuildEvent[] = [];
  const failed: unknown = await buildBundle({
    file: join(base, 'bundle.yaml'),
    out: join(base, 'out'),
    cache: join(folder, 'cache'),
    env: { PATH: '/nowhere', GOSUMDB: 'off' },
    go: 'no-such-go',
    progress: (event) => events.push(event),
  }).catch((error: unknown) => error);
  if (!isGofleetError(failed)) throw failed;
  expect(readdirSync(base)).not.toContain('out');
  const warnings = events.flatMap(({ warning, message }) => (warning ? [message] : []));
  return { error: failed, warnings, base, steps: events.map(({ step }) => step) };
}

const MOD = 'module example.com/p\n\ngo 1.21\n';
const SUM = 'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const ONE = `${MOD}\nrequire (\n\tone.example/m v1.0.0\n)\n`;
const ONE_SUM = `one.example/m v1.0.0 ${SUM}\none.example/m v1.0.0/go.mod ${SUM}\n`;

describe('what cannot work on a host is found before anything is fetched', () => {
  const cases: [string, Record<string, string>, RegExp, RegExp][] = [
    [
      'a go line newer than the newest Go of the bundle',
      { 'p/go.mod': 'module p\n\n// new\ngo 1.22\n' },
      /p\/go\.mod line 4: it asks for Go 1\.22, and the newest Go of the bundle is 1\.21\.5$/,
      /Add a toolchain of Go 1\.22 or newer/,
    ],
    [
      'one of a member of a workspace',
      { 'p/go.work': 'go 1.21\nuse ./a\n', 'p/a/go.mod': 'module a\ngo 1.21.6\n' },
      /p\/a\/go\.mod line 2: it asks for Go 1\.21\.6/,
      /Add a toolchain/,
    ],
    [
      'the go line of a go.work',
      { 'p/go.work': 'go 1.99\nuse ./a\n', 'p/a/go.mod': MOD },
      /p\/go\.work line 1: it asks for Go 1\.99/,
      /Add a toolchain/,
    ],
    [
      'a requirement that go.sum does not have',
      { 'p/go.mod': ONE, 'p/go.sum': ONE_SUM.replaceAll('one.', 'two.') },
      /p\/go\.mod line 6: go\.sum has no line for the go\.mod of one\.example\/m@v1\.0\.0/,
      /go mod tidy/,
    ],
    [
      'the replacement of a requirement that go.sum does not have',
      {
        'p/go.mod': `${ONE}replace one.example/m => two.example/m v1.1.0\n`,
        'p/go.sum': ONE_SUM,
      },
      /line 6: .*two\.example\/m@v1\.1\.0/,
      /go mod tidy/,
    ],
    [
      'another version in vendor/',
      { 'p/go.mod': ONE, 'p/go.sum': ONE_SUM, 'p/vendor/modules.txt': vendored('v1.0.1') },
      /p\/go\.mod line 6: it requires one\.example\/m v1\.0\.0, and vendor\/modules\.txt has v1\.0\.1/,
      /go mod vendor/,
    ],
    [
      'a module in vendor/ that go.mod does not require',
      { 'p/go.mod': MOD, 'p/vendor/modules.txt': vendored('v1.0.0') },
      /p\/vendor\/modules\.txt: it has one\.example\/m, which go\.mod does not require/,
      /go mod vendor/,
    ],
  ];
  it.each(cases)('%s', async (_, files, message, remedy) => {
    const { error } = await build(files);
    expect(error.code).toBe('invalid_file');
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
  });

  it('names the others of the project besides', async () => {
    const { error } = await build({
      'p/go.mod': ONE.replace('go 1.21', 'go 1.22'),
      'p/go.sum': '',
    });
    expect(error.message).toContain('it asks for Go 1.22');
    expect(error.errors).toMatchObject([
      { path: expect.stringMatching(/p\/go\.mod$/), line: 6, message: /no line for/ },
    ]);
  });
});

function vendored(version: string): string {
  return `# one.example/m ${version}\n## explicit; go 1.21\none.example/m\n`;
}

describe('nothing is in the way of', () => {
  const cases: [string, Record<string, string>][] = [
    ['a project as it should be', { 'p/go.mod': ONE, 'p/go.sum': ONE_SUM }],
    [
      'a vendored one without go.sum lines',
      { 'p/go.mod': ONE, 'p/go.sum': '', 'p/vendor/modules.txt': vendored('v1.0.0') },
    ],
    [
      'members of a workspace that require each other',
      {
        'p/go.work': 'go 1.21\nuse (\n./a\n./b\n)\n',
        'p/a/go.mod': 'module a.example\ngo 1.21\nrequire b.example v0.0.0\n',
        'p/b/go.mod': 'module b.example\ngo 1.21\n',
      },
    ],
    [
      'a folder of the project that stands for a module',
      {
        'p/go.mod': `${ONE}replace one.example/m => ./m\n`,
        'p/m/go.mod': 'module one.example/m\n',
      },
    ],
  ];
  it.each(cases)('%s', async (_, files) => {
    const { error, warnings, steps } = await build(files);
    expect(error.code).toBe('missing_tool'); // for the toolchain, which comes next
    expect(steps).toContain('toolchain');
    expect(warnings).toEqual([]);
  });
});

describe('what may surprise is said', () => {
  it('of a toolchain line that hosts do not follow', async () => {
    const { warnings, base } = await build({ 'p/go.mod': `${MOD}toolchain go1.22.1\n` });
    expect(warnings).toEqual([
      expect.stringContaining(
        `${base}/p/go.mod line 4: it prefers go1.22.1, and the newest Go of the bundle is 1.21.5.`,
      ),
    ]);
  });

  it('of C that nothing here can compile', async () => {
    const { warnings } = await build({
      'p/go.mod': MOD,
      'p/c.go': 'package p\n\n// int one(void);\nimport "C"\n',
    });
    expect(warnings).toEqual([
      expect.stringMatching(/p\/c\.go: it has C in it, and there is no gcc or clang here/),
    ]);
  });
});
