import { readFileSync, readdirSync } from 'node:fs';
import { parseDocument } from '#document';
import { isGofleetError, type GofleetError } from '#errors';
import { Playbook, ResolvedOperation, blobsOf, resolvePlaybook } from '#operations';
import { describe, expect, it } from 'vitest';
import { checkScript } from '../render.ts';

const archive = { blob: 'a'.repeat(64), size: 10, unpackedBytes: 100, entries: 5 };
const bundle = {
  toolchains: ['1.20.1', '1.21.5', '1.22.0'].map((version, index) => ({
    version,
    os: 'linux',
    arch: 'amd64',
    ...archive,
    blob: String(index).repeat(64),
  })),
  packs: [
    {
      name: 'default',
      ...archive,
      projects: [{ name: 'sample', ...archive, blob: 'b'.repeat(64) }],
    },
  ],
};

function read(text: string): Playbook {
  return parseDocument(text, Playbook, { name: 'playbook.yaml', format: 'yaml' });
}

function play(operations: string): Playbook {
  return read(`kind: Playbook\nname: p\noperations:\n${operations}`);
}

function failure(run: () => unknown): GofleetError {
  try {
    run();
  } catch (error) {
    if (isGofleetError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe.each(readdirSync('playbooks').filter((name) => name.endsWith('.yaml')))(
  'playbooks/%s',
  (name) => {
    it('is read and resolves', () => {
      const resolved = resolvePlaybook(read(readFileSync(`playbooks/${name}`, 'utf8')), bundle);
      expect(resolved.length).toBeGreaterThan(0);
      expect(resolved.map((each) => ResolvedOperation.parse(each))).toEqual(resolved);
    });
  },
);

it('puts the defaults and the bundle into the operations', () => {
  const resolved = resolvePlaybook(
    play(
      '- go-toolchain: {version: "1.21.5"}\n- module-pack: {pack: default}\n- go-env: {}\n' +
        '- health-check: {checks: [{command: go version}, {goBuild: sample, timeout: 2m}]}',
    ),
    bundle,
  );
  expect(resolved).toMatchObject([
    { operation: 'go-toolchain', archives: [{ arch: 'amd64', blob: '1'.repeat(64) }] },
    { operation: 'module-pack', pack: 'default', projects: [{ name: 'sample' }] },
    { operation: 'go-env', exportGoroot: true, gosumdb: 'off', gotoolchain: 'local' },
    { operation: 'health-check', checks: [{ timeout: 60_000 }, { timeout: 120_000 }] },
  ]);
  expect(blobsOf(resolved).map(({ sha256 }) => sha256[0])).toEqual(['1', 'a', 'b']);
});

describe('gosumdb: pack', () => {
  const operations =
    '- go-toolchain: {version: "1.21.5"}\n- module-pack: {pack: default}\n- go-env: {gosumdb: pack}';
  const carrying = (sumdb: { key: string; except: string[] }) => ({
    ...bundle,
    packs: bundle.packs.map((pack) => ({ ...pack, sumdb })),
  });
  const PUBLIC = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';

  it.each([
    [PUBLIC, [], 'sum.golang.org', undefined],
    ['sum.corp.example+1+AA', [], 'sum.corp.example+1+AA', undefined],
    [
      PUBLIC,
      ['corp.example/a', 'corp.example/b'],
      'sum.golang.org',
      'corp.example/a,corp.example/b',
    ],
  ])('is the database of the pack: %s %j', (key, except, gosumdb, gonosumdb) => {
    const resolved = resolvePlaybook(play(operations), carrying({ key, except }));
    expect(resolved[2]).toMatchObject({ gosumdb, ...(gonosumdb && { gonosumdb }) });
    expect(resolved[2] && 'gonosumdb' in resolved[2] && resolved[2].gonosumdb).toBe(gonosumdb);
  });

  it('needs a pack that carries one', () => {
    const without = failure(() => resolvePlaybook(play(operations), bundle)).errors;
    expect(without).toMatchObject([
      { path: 'operations[2].go-env.gosumdb', message: expect.stringContaining('pack default') },
    ]);
    const alone = play('- go-toolchain: {version: "1.21.5"}\n- go-env: {gosumdb: pack}');
    expect(failure(() => resolvePlaybook(alone, bundle)).message).toMatch(/no module-pack/);
  });
});

it.each([
  ['- go-toolchain: {version: "1.21.6"}', 'operations[0].go-toolchain.version', 'nearest: 1.21.5'],
  ['- go-toolchain: {version: "1.21.5"}\n- module-pack: {pack: defualt}', 'pack', 'default'],
  [
    '- go-toolchain: {version: "1.21.5"}\n- module-pack: {pack: default}\n' +
      '- health-check: {checks: [{goBuild: simple}]}',
    'operations[2].health-check.checks[0].goBuild',
    'nearest: sample',
  ],
  ['- health-check: {checks: [{goBuild: sample}]}', 'checks[0].goBuild', 'no project at all'],
  ['- go-toolchain: {version: "1.20.1"}\n- go-env: {}', 'version', 'reads no go.env'],
])('what the bundle lacks is an error: %j', (operations, path, message) => {
  const error = failure(() => resolvePlaybook(play(operations), bundle));
  expect(error.code).toBe('invalid_file');
  expect(error.errors[0]?.path).toContain(path);
  expect(error.errors[0]?.message).toContain(message);
});

it('a workspace is built by its members, one module as it is', () => {
  const ws = { name: 'ws', workspace: ['.', 'app'], ...archive };
  const packs = bundle.packs.map((pack) => ({ ...pack, projects: [ws, ...pack.projects] }));
  const resolved = resolvePlaybook(
    play(
      '- go-toolchain: {version: "1.21.5"}\n- module-pack: {pack: default}\n' +
        '- health-check: {checks: [{goBuild: ws}, {goBuild: sample}]}',
    ),
    { ...bundle, packs },
  );
  const checks = resolved.flatMap((each) => (each.operation === 'health-check' ? each.checks : []));
  const { script } = checkScript(checks, true);
  expect(script).toMatch(/check_build \w+ '' \d+ a{64} ws '.\/\.\.\. \.\/app\/\.\.\.'/);
  expect(script).toMatch(/check_build \w+ '' \d+ b{64} sample \.\/\.\.\.$/m);
});

it.each([
  ['- go-toolchain: {version: 1.21}', 'operations[0].go-toolchain.version', 'quotes'],
  ['- go-toolchan: {version: "1.21.5"}', 'operations[0].go-toolchan', '`go-toolchain`'],
  ['- go-toolchain: {vesion: "1.21.5"}', 'operations[0].go-toolchain', '`version`'],
  ['- {go-toolchain: {version: "1.21.5"}, go-env: {}}', 'operations[0]', 'exactly one'],
  ['- go-env: {}', 'operations[0]', 'needs `go-toolchain`'],
  ['- go-toolchain: {version: "1.21.5"}\n- go-toolchain: {version: "1.22.0"}', '[1]', 'twice'],
  ['- health-check: {checks: [{expect: x}]}', 'checks[0]', 'either'],
  ['- health-check: {checks: [{command: x, expect: "/(/"}]}', 'expect', 'no regular expression'],
  ['- health-check: {checks: [{command: x, user: "a b"}]}', 'user', 'name of a user'],
])('a wrong playbook is refused with its place: %j', (operations, path, message) => {
  const error = failure(() => play(operations));
  expect(error.errors[0]?.path).toContain(path);
  expect(error.errors[0]?.message).toContain(message);
  expect(error.errors[0]?.line).toBeGreaterThan(2);
});

it('operations of later releases are named as such', () => {
  expect(failure(() => play('- release: {app: x}')).code).toBe('not_supported_yet');
});
