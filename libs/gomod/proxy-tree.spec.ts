import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareVersions, isPseudoVersion, latestOf, proxyTree } from '#gomod';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

function add(name: string, text = ''): void {
  mkdirSync(dirname(join(cache, name)), { recursive: true });
  writeFileSync(join(cache, name), text);
}

function addModule(path: string, version: string, endings: string[]): void {
  const info = JSON.stringify({
    Version: version,
    Time: '2024-01-01T00:00:00Z',
    Origin: { VCS: 'git' },
  });
  for (const ending of endings)
    add(`${path}/@v/${version}.${ending}`, ending === 'info' ? info : '');
}

describe('a GOPROXY tree', () => {
  it('has .info, .mod, .zip, list and @latest of what is wanted, and nothing else', async () => {
    addModule('github.com/!azure/x', 'v1.9.0', [
      'info',
      'mod',
      'zip',
      'lock',
      'ziphash',
      'partial',
    ]);
    addModule('github.com/!azure/x', 'v1.10.0', ['info', 'mod']);
    addModule('github.com/!azure/x', 'v1.11.0-rc.1', ['info', 'mod']);
    add('github.com/!azure/x/@v/list', 'v0.0.1\n');
    add('sumdb/sum.golang.org/lookup/x/@v/y.mod', '');
    add('other/@v/v1.0.0.mod', '');
    const path = 'github.com/Azure/x';
    const { files, modules } = await proxyTree(cache, [
      { path, version: 'v1.10.0', zip: false },
      { path, version: 'v1.11.0-rc.1', zip: false },
      { path, version: 'v1.9.0', zip: true },
    ]);
    const texts = new Map(files.map((file) => [file.path, 'text' in file ? file.text : undefined]));
    const base = 'github.com/!azure/x';
    expect([...texts.keys()].sort()).toEqual(
      [
        `${base}/@latest`,
        ...['list', 'v1.9.0.info', 'v1.9.0.mod', 'v1.9.0.zip', 'v1.10.0.info', 'v1.10.0.mod'].map(
          (name) => `${base}/@v/${name}`,
        ),
        `${base}/@v/v1.11.0-rc.1.info`,
        `${base}/@v/v1.11.0-rc.1.mod`,
      ].sort(),
    );
    expect(texts.get(`${base}/@v/list`)).toBe('v1.9.0\nv1.10.0\nv1.11.0-rc.1\n');
    expect(texts.get(`${base}/@latest`)).toBe(
      '{"Version":"v1.10.0","Time":"2024-01-01T00:00:00Z"}\n',
    );
    expect(modules).toMatchObject([
      { path: 'github.com/Azure/x', version: 'v1.10.0', zip: undefined },
      { version: 'v1.11.0-rc.1' },
      { version: 'v1.9.0', zip: join(cache, base, '@v/v1.9.0.zip') },
    ]);
  });

  it('without an .info is refused: `go list -m all` would fail with it', async () => {
    addModule('m', 'v1.0.0', ['mod', 'zip']);
    await expect(proxyTree(cache, [{ path: 'm', version: 'v1.0.0', zip: true }])).rejects.toThrow(
      /no m\/@v\/v1.0.0.info/,
    );
  });
});

describe('versions', () => {
  it.each([
    ['v0.0.0-20210101000000-abcdefabcdef', true],
    ['v1.2.4-0.20210101000000-abcdefabcdef', true],
    ['v1.2.3-rc.1.0.20210101000000-abcdefabcdef', true],
    ['v2.0.0-20210101000000-abcdefabcdef+incompatible', true],
    ['v1.2.3', false],
    ['v1.2.3-rc.1', false],
    ['v1.2.3+incompatible', false],
  ])('%s is a pseudo-version: %s', (version, pseudo) => {
    expect(isPseudoVersion(version)).toBe(pseudo);
  });

  it('stand in order', () => {
    const sorted = ['v1.10.0', 'v1.9.0', 'v2.0.0-rc.1', 'v2.0.0', 'v2.0.0+incompatible'];
    expect(sorted.sort(compareVersions)).toEqual([
      'v1.9.0',
      'v1.10.0',
      'v2.0.0-rc.1',
      'v2.0.0',
      'v2.0.0+incompatible',
    ]);
  });

  it.each([
    [['v1.9.0', 'v1.10.0', 'v2.0.0-rc.1'], 'v1.10.0'],
    [['v2.0.0-rc.1', 'v0.0.0-20210101000000-abcdefabcdef'], 'v2.0.0-rc.1'],
    [['v0.0.0-20210101000000-abcdefabcdef'], 'v0.0.0-20210101000000-abcdefabcdef'],
    [[], undefined],
  ])('latest of %j is %s', (versions, latest) => {
    expect(latestOf(versions)).toBe(latest);
  });
});
