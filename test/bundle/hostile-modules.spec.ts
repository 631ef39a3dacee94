import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '#bundle';
import { GofleetError } from '#errors';
import { builderEnv, buildFrom, tidy } from './synthetic/build-packs.ts';
import { publishTo, writeFiles, type Published } from './synthetic/proxy.ts';

const scratch = mkdtempSync(join(tmpdir(), 'hostile-modules-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const proxy = join(scratch, 'proxy');
const env = builderEnv(scratch, proxy);
const YAML = 'packs: [{ name: default, projects: [p] }]\n';
const M = 'example.com/m@v1.0.0';
const GOOD: Published = {
  module: M,
  files: { 'go.mod': 'module example.com/m\n\ngo 1.21\n', 'm.go': 'package m\n' },
};

beforeAll(async () => {
  await publishTo(proxy, [GOOD]);
  await writeFiles(join(scratch, 'p'), {
    'go.mod': 'module example.com/p\n\ngo 1.21\n\nrequire example.com/m v1.0.0\n',
    'p.go': 'package p\n\nimport _ "example.com/m"\n',
  });
  await tidy(join(scratch, 'p'), env);
});

/** Builds where nothing is known yet, and looks that nothing is left when that fails. */
async function built(from: string, yaml = YAML) {
  const out = join(mkdtempSync(join(scratch, 'out-')), 'bundle');
  const cache = mkdtempSync(join(scratch, 'cache-'));
  // a user who has fetched no module before
  const options = { env: builderEnv(scratch, from), cache, out };
  return buildFrom(scratch, yaml, options).finally(() => {
    expect(readdirSync(dirname(out))).toEqual(existsSync(out) ? ['bundle'] : []);
  });
}

const ALSO = `packs: [{ name: default, also: ["${M}"] }]\n`;

async function changed(more: Published['files']): Promise<string> {
  const evil = mkdtempSync(join(scratch, 'evil-'));
  await publishTo(evil, [{ ...GOOD, files: { ...GOOD.files, ...more } }]);
  return evil;
}

describe('a module proxy', () => {
  it('that has another zip than go.sum says gets nothing into a bundle', async () => {
    const evil = await changed({ 'evil.go': 'package m\n' });
    await expect(built(evil)).rejects.toThrow(/checksum mismatch/);
  });

  // nothing says which hash this one should have
  it.each<[string, Published['files'], RegExp]>([
    ['names that differ only in case', { 'a.txt': '', 'A.txt': '' }, /case-insensitive|one name/],
    ['another module inside', { 'sub/go.mod': 'module x\n' }, /not in module root|another module/],
  ])('that has %s in a zip gets nothing into a bundle', async (_, more, why) => {
    await expect(built(await changed(more), ALSO)).rejects.toThrow(why);
  });

  it('whose .mod is not the go.mod of the zip gets nothing into one that has no go.sum', async () => {
    const evil = mkdtempSync(join(scratch, 'evil-'));
    await publishTo(evil, [GOOD]);
    writeFileSync(join(evil, 'example.com/m/@v/v1.0.0.mod'), 'module example.com/m\n\ngo 1.20\n');
    await expect(built(evil, ALSO)).rejects.toMatchObject({
      code: 'bundle_invalid',
      message: `${M}: its .mod is not the go.mod in its zip`,
    });
  });
});

describe.each([
  ['of the user', {}, 'user'],
  ['of the builder', { GOMODCACHE: '/dev/null/mod' }, 'builder'],
])('a module that somebody changed in the module cache %s', (_, more, whose) => {
  const source = join(scratch, 'p/more.go');
  const own = { ...env, GOMODCACHE: join(scratch, 'mod'), ...more };

  it('is found, whatever is noted beside it', async () => {
    const cache = mkdtempSync(join(scratch, 'cache-'));
    const good = await buildFrom(scratch, YAML, { env: own, cache });
    const place = whose === 'user' ? own.GOMODCACHE : join(cache, 'kept/modules');
    const downloads = join(place, 'cache/download');
    expect(readdirSync(join(downloads, 'example.com/m/@v'))).toContain('v1.0.0.ziphash');
    await publishTo(downloads, [{ ...GOOD, files: { ...GOOD.files, 'evil.go': 'package m\n' } }]);

    // what was packed of the good bytes is still good
    writeFileSync(source, `package p // ${whose}\n`);
    const { manifest } = await buildFrom(scratch, YAML, { env: own, cache });
    expect(manifest.packs[0]?.blob).toBe(good.manifest.packs[0]?.blob);

    await rm(join(cache, 'blobs'), { recursive: true });
    const failed = buildFrom(scratch, YAML, { env: own, cache });
    await expect(failed).rejects.toMatchObject({ code: 'bundle_invalid' });
    await expect(failed).rejects.toThrow(/example.com\/m@v1.0.0 has h1:.*, go.sum says h1:/);
  });
});

/** So much is read in threads, in which errors lose what they are. */
describe('a module of many megabytes', () => {
  const large = 'example.com/large@v1.0.0';
  const yaml = `packs: [{ name: default, also: ["${large}"] }]\n`;
  const own = { ...env, GOMODCACHE: join(scratch, 'large') };
  const bytes = randomBytes(9 << 20).toString('base64');

  it('is packed with what go finds in it', async () => {
    await publishTo(proxy, [
      { module: large, files: { 'large.go': 'package large\n', 'data.txt': bytes } },
    ]);
    const { manifest } = await buildFrom(scratch, yaml, { env: own });
    const downloads = join(own.GOMODCACHE, 'cache/download/example.com/large/@v');
    expect(manifest.packs[0]?.modules.find(({ path }) => large.startsWith(path))).toMatchObject({
      h1: readFileSync(join(downloads, 'v1.0.0.ziphash'), 'utf8').trim(),
      licenses: ['NONE'],
    });
  });

  it('is refused with its name and a remedy where its bytes were damaged in the module cache', async () => {
    const zip = join(own.GOMODCACHE, 'cache/download/example.com/large/@v/v1.0.0.zip');
    const damaged = readFileSync(zip);
    const half = damaged.length >> 1;
    damaged.writeUInt8(damaged.readUInt8(half) ^ 1, half);
    writeFileSync(zip, damaged);
    const cache = mkdtempSync(join(scratch, 'cache-'));
    const error: unknown = await buildFrom(scratch, yaml, { env: own, cache }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(GofleetError);
    expect(error).toMatchObject({
      code: 'bundle_invalid',
      message: expect.stringMatching(/large\/@v\/v1.0.0.zip is no sound zip: "example.com\/large/),
      remedy: expect.stringContaining('Fetch the module again'),
    });
  });
});

it('a project may have names that differ only in case, and strange ones', async () => {
  const names = ['README', 'readme', 'a b', "it's", 'ünï', 'tab\there', '-rf'];
  await writeFiles(join(scratch, 'odd'), {
    'go.mod': 'module example.com/odd\n\ngo 1.21\n',
    'odd.go': 'package odd\n',
    ...Object.fromEntries(names.map((name) => [name, name])),
  });
  const { path, manifest } = await buildFrom(scratch, YAML.replace('[p]', '[odd]'), { env });
  expect((await verifyBundle(path, { deep: true })).faults).toEqual([]);
  const blob = manifest.packs[0]?.projects[0]?.blob ?? '';
  const [file = ''] = globSync(join(path, '**', blob));
  const listed = execFileSync('tar', ['-tzf', file, '--quoting-style=literal'], {
    encoding: 'utf8',
  });
  for (const name of names) expect(listed.split('\n')).toContain(`odd/${name}`);
});
