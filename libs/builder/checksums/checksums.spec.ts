import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Pack, PackSumdb } from '#bundle';
import { parseGoSum, parseSignerKey, newSignerKey, type ProxyFile } from '#gomod';
import { startStandIn, type StandIn, type Summed } from '../../../test/sumdb/stand-in.ts';
import type { BuildEvent } from '../build.ts';
import { goCommand } from '../go.ts';
import type { Environment } from '../run.ts';
import { openWorkbench } from '../cache/workbench.ts';
import { openChecksums, type ChecksumOptions, type Checksums } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'checksums-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hash = (letter: string): string => `h1:${letter.repeat(43)}=`;
const summed = (name: string, version = 'v1.0.0'): Summed => ({
  path: name.includes('/') ? name : `example.com/${name}`,
  version,
  h1: hash('A'),
  goModH1: hash('B'),
});
const [a, b, c] = [summed('a'), summed('b'), summed('c')];
const NO_SUMS = parseGoSum('');
const sumsOf = (...modules: Summed[]) =>
  parseGoSum(
    modules
      .map(
        ({ path, version, h1, goModH1 }) =>
          `${path} ${version} ${h1}\n${path} ${version}/go.mod ${goModH1}\n`,
      )
      .join(''),
  );

let database: StandIn;
let cache: string;
beforeEach(async () => {
  database = await startStandIn();
  database.grow(300);
  database.record([a, b]);
  cache = mkdtempSync(join(folder, 'cache-'));
  return async () => database[Symbol.asyncDispose]();
});

/** The checksums of one build, as in a process of its own: only the cache stays. */
async function open(
  env: Environment = {},
  options: ChecksumOptions = {},
  events: BuildEvent[] = [],
): Promise<Checksums> {
  const bench = await openWorkbench(cache);
  onTestFinished(async () => bench[Symbol.asyncDispose]());
  const all = { GOSUMDB: database.gosumdb, GOPROXY: 'off', ...env };
  const go = goCommand('no-such-go', all);
  const progress = (event: BuildEvent): void => void events.push(event);
  return openChecksums({ go, env: all, bench, progress, signal: undefined }, options);
}

const asPack = (sumdb: PackSumdb | null) => ({ sumdb }) as Pack;
const lookups = (files: readonly ProxyFile[]) =>
  files.flatMap((file) => ('text' in file && file.path.includes('/lookup/') ? [file.text] : []));
const bytesOf = (files: readonly ProxyFile[]): Map<string, string> =>
  new Map(
    files.map((file) => [
      file.path,
      'from' in file ? readFileSync(file.from, 'base64') : file.text,
    ]),
  );

describe('a module', () => {
  it('is vouched for by the database, else by go.sum, else by nobody', async () => {
    const checksums = await open();
    const stranger = summed('stranger');
    const half = { ...summed('half'), h1: null };
    const sums = [sumsOf(a, c)];
    expect(await checksums.judge([a, b, c, stranger, half], sums)).toEqual([
      'checksum-database',
      'checksum-database',
      'go.sum',
      'none',
      'none',
    ]);
  });

  it('of which only go.mod is here needs no more than its hash', async () => {
    const checksums = await open();
    const goMod = [
      { ...a, h1: null },
      { ...c, h1: null },
    ];
    const sums = [parseGoSum(`example.com/c v1.0.0/go.mod ${hash('B')}\n`)];
    expect(await checksums.judge(goMod, sums)).toEqual(['checksum-database', 'go.sum']);
  });

  it.each([
    [
      'zip',
      { h1: hash('C') },
      /SECURITY: example.com\/a@v1.0.0 was fetched with h1:C+=, the checksum database sum.example.test says h1:A/,
    ],
    ['go.mod', { goModH1: hash('C') }, /SECURITY: go.mod of example.com\/a@v1.0.0 .* says h1:B/],
  ])(
    'whose %s differs from the database ends the build, whatever go.sum says',
    async (_, change, message) => {
      const changed = { ...a, ...change };
      const judged = (await open()).judge([b, changed], [sumsOf(changed)]);
      await expect(judged).rejects.toMatchObject({ code: 'bundle_invalid' });
      await expect(judged).rejects.toThrow(message);
    },
  );

  it('that differs from go.sum ends the build, whatever the database says', async () => {
    const judged = (await open()).judge([a], [sumsOf({ ...a, h1: hash('C') })]);
    await expect(judged).rejects.toThrow(/example.com\/a@v1.0.0 has h1:A+=, go.sum says h1:C/);
  });

  it('that is private is never named to the database', async () => {
    const own = summed('corp.example/secret/thing');
    database.record([own]);
    const checksums = await open({ GOPRIVATE: '*.example/secret' });
    expect(await checksums.judge([own, a], [NO_SUMS])).toEqual(['none', 'checksum-database']);
    expect(database.asked.join('\n')).not.toContain('secret');
    const { sumdb } = await checksums.carry([own, a]);
    expect(sumdb?.except).toEqual(['corp.example/secret/thing']);
  });

  it('is a toolchain that the database vouches for whatever GOPRIVATE says', async () => {
    const toolchain = summed('golang.org/toolchain', 'v0.0.1-go1.21.5.linux-amd64');
    database.record([toolchain]);
    const checksums = await open({ GONOSUMDB: '*' });
    expect(await checksums.vouches(toolchain, toolchain.h1)).toBe(true);
    await expect(checksums.vouches(toolchain, hash('C'))).rejects.toThrow(/SECURITY/);
    expect(await checksums.vouches({ ...toolchain, version: 'v0.0.1-go1.99' }, hash('A'))).toBe(
      false,
    );
  });
});

describe('a pack', () => {
  it('has one head in all answers, and all that proves them', async () => {
    const checksums = await open();
    database.grow(5);
    await checksums.judge([a], []);
    database.grow(5);
    database.record([c]);
    const { files, sumdb } = await checksums.carry([a, b, c]);
    expect(sumdb).toMatchObject({
      name: 'sum.example.test',
      key: database.key,
      size: database.size(),
    });
    const texts = lookups(files);
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text.endsWith(`\n\n${sumdb?.head}`)).toBe(true);
    const paths = files.map(({ path }) => path.replace('sumdb/sum.example.test/', ''));
    expect(paths).toEqual(expect.arrayContaining(['supported', 'latest', 'tile/8/0/001.p/57']));
  });

  it('is the same again, though the database has grown, and asks for nothing', async () => {
    const first = await open();
    const made = await first.carry([a, b]);
    await first.commit([asPack(made.sumdb)]);
    database.grow(20);
    database.setDown(true);
    const second = await open();
    const again = await second.carry([b, a]);
    expect(again.sumdb).toEqual(made.sumdb);
    expect(bytesOf(again.files)).toEqual(bytesOf(made.files));
    expect(second.isRepeatable()).toBe(true);
    expect(second.inputs()).toContain(made.sumdb?.head);
  });

  it('goes on from the head of earlier ones where a module is newer', async () => {
    const first = await open();
    const before = await first.carry([a]);
    await first.commit([asPack(before.sumdb)]);
    database.grow(600);
    database.record([c]);
    const next = await (await open()).carry([a, c]);
    expect(next.sumdb?.size).toBe(database.size());
    expect(next.sumdb?.earlier).toEqual([before.sumdb?.head]);
    const proof = next.files.map(({ path }) => path.replace('sumdb/sum.example.test/tile/8/', ''));
    expect(proof).toEqual(expect.arrayContaining(['0/001', '0/003.p/135', '1/000.p/3']));
  });

  it('that is to be like an earlier one is the same on another machine', async () => {
    const before = await (await open()).carry([a, b]);
    database.grow(600);
    cache = mkdtempSync(join(folder, 'other-'));
    const like = await open({}, { like: [asPack(before.sumdb)] });
    const again = await like.carry([a, b]);
    expect(again.sumdb).toEqual(before.sumdb);
    expect(bytesOf(again.files)).toEqual(bytesOf(before.files));
    cache = mkdtempSync(join(folder, 'other-'));
    const unlike = await (await open()).carry([a, b]);
    expect(unlike.sumdb?.size).toBe(database.size());
  });

  it('shares its head with the other packs of a bundle', async () => {
    const first = await open();
    const made = asPack((await first.carry([a])).sumdb);
    await first.commit([made]);
    database.record([c]);
    const second = await open();
    const packs = [
      asPack((await second.carry([a])).sumdb),
      asPack((await second.carry([c])).sumdb),
    ];
    expect(second.isSettled(packs)).toBe(false);
    const anew = [asPack((await second.carry([a])).sumdb), asPack((await second.carry([c])).sumdb)];
    expect(second.isSettled(anew)).toBe(true);
    expect(anew[0]?.sumdb?.head).toBe(anew[1]?.sumdb?.head);
  });

  it('carries nothing where no module is known, and with GOSUMDB=off', async () => {
    expect(await (await open()).carry([summed('stranger')])).toEqual({ files: [], sumdb: null });
    const off = await open({ GOSUMDB: 'off' });
    expect(await off.carry([a])).toEqual({ files: [], sumdb: null });
    expect(await off.judge([a], [sumsOf(a)])).toEqual(['go.sum']);
  });
});

describe('a database', () => {
  it('that forks is found out, with both heads as evidence', async () => {
    const first = await open();
    const before = await first.carry([a]);
    await first.commit([asPack(before.sumdb)]);
    database.fork(301);
    database.record([c]);
    const forked = (await open()).judge([c], []);
    await expect(forked).rejects.toMatchObject({ code: 'checksum_database_forked' });
    await expect(forked).rejects.toThrow(/head 302 \S+ is not a part of head 303 /);
    const heads = expect.arrayContaining([before.sumdb?.head]);
    await expect(forked).rejects.toMatchObject({ details: { heads } });
  });

  it('that forks behind the back of an earlier bundle is found out by it', async () => {
    const before = await (await open()).carry([a]);
    database.fork(301);
    database.grow(10);
    cache = mkdtempSync(join(folder, 'other-'));
    const like = await open({}, { like: [asPack(before.sumdb)] });
    await expect(like.judge([a], [])).rejects.toMatchObject({ code: 'checksum_database_forked' });
  });

  it.each([
    ['another record', /lookup/, (truth: string) => truth.replaceAll('AAAA', 'AABA')],
    ['another number', /lookup/, (truth: string) => truth.replace(/^\d+/, '7')],
    ['a head that it has not signed', /latest/, (truth: string) => truth.replace(/^\d+$/m, '900')],
    ['a page of somebody else', /lookup/, () => '<html>Please log in</html>'],
  ])('that answers %s is not believed', async (_, path, answer) => {
    database.lie(path, (truth) => Buffer.from(answer(truth.toString())));
    const judged = (await open()).judge([a], [sumsOf(a)]);
    await expect(judged).rejects.toMatchObject({ code: 'checksum_database_invalid' });
  });

  it('with another tile is not believed', async () => {
    database.lie(/tile\/8\/0/, (truth) => Buffer.from(truth).fill(1, 0, 32));
    const judged = (await open()).judge([a], []);
    await expect(judged).rejects.toMatchObject({ code: 'checksum_database_invalid' });
  });

  it('that does not answer leaves go.sum, and says so once', async () => {
    database.setDown(true);
    const events: BuildEvent[] = [];
    const checksums = await open({}, {}, events);
    expect(await checksums.judge([a, b], [sumsOf(a)])).toEqual(['go.sum', 'none']);
    expect(await checksums.carry([a])).toEqual({ files: [], sumdb: null });
    expect(checksums.isRepeatable()).toBe(false);
    expect(events).toHaveLength(1);
    expect(events[0]?.message).toMatch(/sum.example.test does not answer.*status 503/);
  });

  it('is asked again for what was damaged in the cache', async () => {
    const first = await (await open()).carry([a]);
    const before = bytesOf(first.files);
    for (const file of first.files)
      if ('from' in file) {
        chmodSync(file.from, 0o644);
        writeFileSync(file.from, 'damaged');
      }
    database.asked.length = 0;
    const again = await (await open()).carry([a]);
    expect(bytesOf(again.files)).toEqual(before);
    expect(database.asked).not.toEqual([]);
    expect(again.sumdb).toEqual(first.sumdb);
  });
});

describe('what go has read of a database', () => {
  let GOMODCACHE: string;
  const place = (path: string): string =>
    join(GOMODCACHE, 'cache/download/sumdb/sum.example.test', path);
  beforeEach(async () => {
    GOMODCACHE = mkdtempSync(join(folder, 'mod-'));
    await database.writeTo(join(GOMODCACHE, 'cache/download'));
  });

  it('is not asked for again, but for its newest head', async () => {
    const checksums = await open({ GOMODCACHE });
    expect(await checksums.judge([a, b], [])).toEqual(['checksum-database', 'checksum-database']);
    expect(database.asked).toEqual(['latest']);
    const elsewhere = await (await open()).carry([a, b]);
    expect(bytesOf((await checksums.carry([a, b])).files)).toEqual(bytesOf(elsewhere.files));
  });

  it.each([
    ['a record', 'lookup/example.com/a@v1.0.0', (text: string) => text.replaceAll('AAAA', 'AABA')],
    ['a tile', 'tile/8/1/000.p/1', (text: string) => `x${text.slice(1)}`],
  ])(
    'is not believed where %s was changed: the database itself is asked',
    async (_, path, edit) => {
      const truth = readFileSync(place(path), 'latin1');
      writeFileSync(place(path), edit(truth), 'latin1');
      expect(readFileSync(place(path), 'latin1')).not.toBe(truth);
      const checksums = await open({ GOMODCACHE });
      expect(await checksums.judge([a], [])).toEqual(['checksum-database']);
      expect(database.asked).toContain('lookup/example.com/a@v1.0.0');
    },
  );
});

describe('GOSUMDB and GOPROXY', () => {
  it('lead through the first proxy that has the database, also as files', async () => {
    const proxy = mkdtempSync(join(folder, 'proxy-'));
    await database.writeTo(proxy);
    const empty = mkdtempSync(join(folder, 'proxy-'));
    const GOPROXY = `file://${empty},file://${proxy},direct`;
    const checksums = await open({ GOSUMDB: database.key, GOPROXY });
    expect(await checksums.judge([a], [])).toEqual(['checksum-database']);
    expect(database.asked).toEqual([]);
  });

  it.each([
    [',', 'none'],
    ['|', 'checksum-database'],
  ])('go past a proxy that fails where %j stands behind it: %s', async (separator, verified) => {
    const broken = await startStandIn();
    broken.setDown(true);
    onTestFinished(async () => broken[Symbol.asyncDispose]());
    const proxy = mkdtempSync(join(folder, 'proxy-'));
    await database.writeTo(proxy);
    const GOPROXY = `${broken.url}${separator}file://${proxy}`;
    const checksums = await open({ GOSUMDB: database.key, GOPROXY });
    expect(await checksums.judge([a], [])).toEqual([verified]);
  });

  it.each([
    ['sum.other.example', /no Ed25519 key/],
    ['sum.golang.org https://a.example https://b.example', /more than a key/],
  ])('%j names no database', async (GOSUMDB, message) => {
    await expect(open({ GOSUMDB })).rejects.toThrow(message);
  });
});

describe('a database of our own', () => {
  const key = parseSignerKey(newSignerKey('sum.corp.example').signer);
  const secret = summed('corp.example/secret');
  let log: string;
  beforeEach(() => {
    log = join(mkdtempSync(join(folder, 'log-')), 'sumdb.log');
  });
  const options = (): ChecksumOptions => ({ own: { key, log } });
  const env = { GOPRIVATE: 'corp.example' };

  it('covers all modules, public ones after the public database was asked', async () => {
    const checksums = await open(env, options());
    expect(await checksums.judge([a, secret], [sumsOf(secret)])).toEqual([
      'checksum-database',
      'go.sum',
    ]);
    const { files, sumdb } = await checksums.carry([a, secret]);
    expect(sumdb).toMatchObject({
      name: 'sum.corp.example',
      key: key.verifier.text,
      size: 2,
      except: [],
    });
    expect(files.map(({ path }) => path)).toEqual([
      'sumdb/sum.corp.example/supported',
      'sumdb/sum.corp.example/latest',
      'sumdb/sum.corp.example/lookup/example.com/a@v1.0.0',
      'sumdb/sum.corp.example/lookup/corp.example/secret@v1.0.0',
      'sumdb/sum.corp.example/tile/8/0/000.p/1',
      'sumdb/sum.corp.example/tile/8/0/000.p/2',
    ]);
  });

  it('writes its log only when the bundle is to be written, and is the same from it', async () => {
    const first = await open(env, options());
    const made = await first.carry([secret, a]);
    expect(first.isRepeatable()).toBe(false);
    expect(readdirSync(join(log, '..'))).toEqual([]);
    await first.commit([asPack(made.sumdb)]);
    expect(readFileSync(log, 'utf8')).toMatch(
      /^corp.example\/secret v1.0.0 h1:A+=\n.*\/go.mod .*\n\nexample.com\/a /,
    );
    cache = mkdtempSync(join(folder, 'other-'));
    const second = await open({ ...env, GOSUMDB: 'off' }, options());
    expect(await second.judge([secret], [])).toEqual(['checksum-database']);
    const again = await second.carry([a, secret]);
    expect(again.sumdb).toEqual(made.sumdb);
    expect(second.isRepeatable()).toBe(true);
  });

  it('refuses a module that once had other bytes', async () => {
    const first = await open(env, options());
    await first.commit([asPack((await first.carry([secret])).sumdb)]);
    const changed = (await open(env, options())).judge([{ ...secret, h1: hash('C') }], [NO_SUMS]);
    await expect(changed).rejects.toThrow(/SECURITY.*sum.corp.example says h1:A/);
  });

  it('notices a log that has lost what went out before', async () => {
    const first = await open(env, options());
    await first.commit([asPack((await first.carry([secret, a])).sumdb)]);
    rmSync(log);
    await expect(open(env, options())).rejects.toMatchObject({ code: 'checksum_database_forked' });
  });

  it('is not written over what another build has added', async () => {
    const [one, two] = [await open(env, options()), await open(env, options())];
    const made = [asPack((await one.carry([a])).sumdb), asPack((await two.carry([b])).sumdb)];
    await one.commit(made.slice(0, 1));
    const text = readFileSync(log, 'utf8');
    await expect(two.commit(made.slice(1))).rejects.toMatchObject({ code: 'conflict' });
    expect(readFileSync(log, 'utf8')).toBe(text);
    expect(readdirSync(join(log, '..'))).toEqual(['sumdb.log']);
  });
});
