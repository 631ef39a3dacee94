import { describe, expect, it } from 'vitest';
import { expectKnown, ResolvedOperation } from './index.ts';
import { goTree, wantedOn } from './wanted.ts';

const BLOB = 'a'.repeat(64);
const SIZES = { size: 1000, unpackedBytes: 5000, entries: 10 };
const GO = ResolvedOperation.parse({
  operation: 'go-toolchain',
  version: '1.21.5',
  archives: [{ version: '1.21.5', os: 'linux', arch: 'amd64', blob: BLOB, ...SIZES }],
});
const PACK = ResolvedOperation.parse({
  operation: 'module-pack',
  pack: 'default',
  blob: 'b'.repeat(64),
  projects: [],
  ...SIZES,
});
const ENV = ResolvedOperation.parse({ operation: 'go-env' });

const HOST = {
  platform: 'linux/amd64',
  root: '/opt/gofleet',
  go: null,
  modules: null,
  goVersion: null,
};
const TREE = goTree('1.21.5', BLOB, undefined);

function withEnv(): string {
  const found = {
    os: 'linux',
    arch: 'amd64',
    machine: 'x86_64',
    root: '/opt/gofleet',
    goEnv: undefined,
    active: undefined,
  };
  return wantedOn(found, [GO, ENV]).go?.tree ?? '';
}

describe('what would change on a host, from what is kept of it', () => {
  const CASES: [string, object, ResolvedOperation[], string[]][] = [
    ['nothing is there', {}, [GO, PACK], ['go none -> 1.21.5', 'modules none -> bbbbbbbbbbbb']],
    [
      'another version',
      { go: '1.20.1-0123456789ab', goVersion: 'go1.20.1' },
      [GO],
      ['go 1.20.1 -> 1.21.5'],
    ],
    ['a Go that is not ours', { goVersion: 'go1.18' }, [GO], ['go 1.18 -> 1.21.5']],
    ['the same Go, not ours', { goVersion: 'go1.21.5' }, [GO], ['go 1.21.5, set up anew']],
    ['all of it', { go: TREE, goVersion: 'go1.21.5' }, [GO], []],
    ['other settings', { go: TREE, goVersion: 'go1.21.5' }, [GO, ENV], ['go 1.21.5, set up anew']],
    ['the same settings', { go: withEnv(), goVersion: 'go1.21.5' }, [GO, ENV], []],
    [
      'other modules',
      { go: TREE, goVersion: 'go1.21.5', modules: 'cccccccccccc' },
      [GO, PACK],
      ['modules cccccccccccc -> bbbbbbbbbbbb'],
    ],
  ];
  it.each(CASES)('%s', (_, known, operations, steps) => {
    expect(expectKnown({ ...HOST, ...known }, operations)?.steps).toEqual(steps);
  });

  it('says why a host is none for this bundle', () => {
    const found = expectKnown({ ...HOST, platform: 'linux/arm64' }, [GO]);
    expect(found?.unfit).toMatchObject({ code: 'platform' });
  });

  it('says nothing of a host that nothing is kept of', () => {
    expect(expectKnown(null, [GO])).toBeUndefined();
    expect(expectKnown({ platform: 'linux/amd64' }, [GO])).toBeUndefined();
  });
});
