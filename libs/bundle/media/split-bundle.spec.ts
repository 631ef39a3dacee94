import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { joinBundle, splitBundle, verifyBundle } from '#bundle';
import { syntheticBundle } from '../../../test/stack/synthetic-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'gofleet-split-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'go.gofleet');
const carried = join(folder, 'carried');

beforeAll(async () => {
  const bundle = await syntheticBundle({ versions: ['1.21.5'] });
  execFileSync('tar', ['-cf', file, '.'], { cwd: bundle });
  mkdirSync(carried);
  const size = Math.ceil(readFileSync(file).length / 4);
  const { parts } = await splitBundle(file, { size, folder: carried });
  expect(parts).toHaveLength(4);
});

/** The parts as they arrived, some of them damaged. */
function arrived(damage: (copy: string) => void): string {
  const copy = mkdtempSync(join(folder, 'arrived-'));
  cpSync(carried, copy, { recursive: true });
  damage(copy);
  return copy;
}

it('is put together again as it was, by us and by hand', async () => {
  const copy = arrived(() => {});
  const joined = await joinBundle(copy);
  expect(readFileSync(joined)).toEqual(readFileSync(file));
  expect((await verifyBundle(joined)).good).toBe(true);
  execFileSync('sha256sum', ['-c', '--quiet', 'go.gofleet.sha256'], { cwd: copy });
  execFileSync('sh', ['-c', 'cat go.gofleet.part??? | cmp - go.gofleet'], { cwd: copy });
});

it('names every bad part, and is whole once these alone are brought again', async () => {
  const copy = arrived((at) => {
    rmSync(join(at, 'go.gofleet.part001'));
    const third = join(at, 'go.gofleet.part003');
    writeFileSync(third, readFileSync(third).fill(1, 100, 101));
    truncateSync(join(at, 'go.gofleet.part004'), 10);
  });
  const failed = await joinBundle(copy).catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: 'bundle_invalid',
    errors: [
      { path: 'go.gofleet.part001', message: 'is missing' },
      { path: 'go.gofleet.part003', message: expect.stringContaining('is damaged') },
      { path: 'go.gofleet.part004', message: expect.stringContaining('is damaged') },
    ],
  });
  expect(readdirSync(copy).filter((name) => !/part|sha256/.test(name))).toEqual([]);
  for (const part of ['001', '003', '004'])
    cpSync(join(carried, `go.gofleet.part${part}`), join(copy, `go.gofleet.part${part}`));
  expect(readFileSync(await joinBundle(copy))).toEqual(readFileSync(file));
});

it('waits for nobody where a part is a pipe, and names it', async () => {
  const copy = arrived((at) => {
    rmSync(join(at, 'go.gofleet.part002'));
    execFileSync('mkfifo', [join(at, 'go.gofleet.part002')]);
  });
  await expect(joinBundle(copy)).rejects.toMatchObject({
    code: 'bundle_invalid',
    errors: [{ path: 'go.gofleet.part002', message: 'is no file' }],
  });
});

it.runIf(process.getuid?.() === 0)('leaves nothing half written on a full disk', async () => {
  const small = mkdtempSync(join(folder, 'small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', small]);
  try {
    const splitting = splitBundle(file, { size: 60_000, folder: small });
    await expect(splitting).rejects.toMatchObject({ code: 'disk_full' });
    expect(readdirSync(small)).toEqual([]);
    const joining = joinBundle(carried, { out: join(small, 'go.gofleet') });
    await expect(joining).rejects.toMatchObject({ code: 'disk_full' });
    expect(readdirSync(small)).toEqual([]);
  } finally {
    execFileSync('umount', [small]);
  }
});

it('splits again over what an earlier split left', async () => {
  const at = mkdtempSync(join(folder, 'again-'));
  await splitBundle(file, { size: 10_000, folder: at });
  const { parts } = await splitBundle(file, { size: 1e9, folder: at });
  expect(readdirSync(at)).toEqual(['go.gofleet.part001', 'go.gofleet.sha256']);
  expect(parts).toHaveLength(1);
});

it.each([
  ['a list of something else', 'abc  go.gofleet.part001\n', 'line 1 is none of such a list'],
  ['a list that leads out', `${'a'.repeat(64)}  ../../etc/passwd\n`, 'line 1 is none of such'],
  ['an empty list', '', 'it is empty'],
  ['a list without parts', `${'a'.repeat(64)}  go.gofleet\n`, 'it names no part of go.gofleet'],
  [
    'a list in another order',
    ['go.gofleet.part002', 'go.gofleet.part001', 'go.gofleet']
      .map((name) => `${'a'.repeat(64)}  ${name}\n`)
      .join(''),
    'line 1 is not part 1 of go.gofleet',
  ],
  ['a list that never ends', 'a'.repeat(1_000_001), 'it is too large'],
])('%s is refused', async (_, text, message) => {
  const copy = arrived((at) => writeFileSync(join(at, 'go.gofleet.sha256'), text));
  await expect(joinBundle(copy)).rejects.toThrow(message);
});

it('refuses a folder, too many parts, and what is no bundle', async () => {
  const size = 100;
  await expect(splitBundle(file, { size, folder })).rejects.toThrow('at most 999');
  await expect(joinBundle(join(folder, 'nowhere'))).rejects.toThrow('there is nothing');
  await expect(splitBundle(join(folder, 'x'), { size, folder })).rejects.toThrow('is no bundle');
});
