import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildOptions } from '#builder';
import { verifyBundle, type PackSumdb, type WrittenBundle } from '#bundle';
import { newSignerKey } from '#gomod';
import { startStandIn, sumsOf, type StandIn } from '../sumdb/stand-in.ts';
import { builderEnv, buildFrom, tidy, unpackOn, type HostPack } from './synthetic/build-packs.ts';
import { offlineGo } from './synthetic/offline-go.ts';
import { publishTo, writeFiles, type Published } from './synthetic/proxy.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pack-checksums-'));
const proxy = join(scratch, 'proxy');
const env = builderEnv(scratch, proxy);
let database: StandIn;

const library = (name: string, text = ''): Published => ({
  module: `${name}@v1.0.0`,
  files: {
    'go.mod': `module ${name}\n\ngo 1.21\n`,
    'lib.go': `package lib\n${text}`,
  },
});
const SECRET = library('corp.example/secret');

beforeAll(async () => {
  database = await startStandIn();
  database.grow(300);
  await publishTo(proxy, [library('example.com/one'), library('example.com/two')]);
  database.record(await sumsOf(proxy));
  await writeFiles(join(scratch, 'p'), {
    'go.mod': 'module example.com/p\n\ngo 1.21\n\nrequire example.com/one v1.0.0\n',
    'p.go': 'package p\n\nimport _ "example.com/one"\n',
  });
  await tidy(join(scratch, 'p'), env);
  Object.assign(env, { GOSUMDB: database.gosumdb, GOPRIVATE: 'corp.example', GONOPROXY: 'none' });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

const project = (also: string[] = [], more = ''): string =>
  `packs: [{ name: default, projects: [p], also: ${JSON.stringify(also)} }]\n${more}`;
const build = async (yaml: string, options: Partial<BuildOptions> = {}): Promise<WrittenBundle> =>
  buildFrom(scratch, yaml, { env, allowUnverified: false, ...options });
const sumdbOf = ({ manifest }: WrittenBundle): PackSumdb => {
  const sumdb = manifest.packs[0]?.sumdb;
  if (!sumdb) throw new Error('the pack carries no database');
  return sumdb;
};
/** As the go.env of a host says it where its playbook has `gosumdb: pack`. */
const settings = (bundle: WrittenBundle): string => {
  const { key, except } = sumdbOf(bundle);
  return `export GOSUMDB=${key} GONOSUMDB=${except.join(',')};`;
};

/** A user with a module of his own, on a host whose modules are exchanged under a link. */
function userOf(modules: string) {
  const place = mkdtempSync(join(scratch, 'user-'));
  const current = join(place, 'current');
  const { home, run } = offlineGo(place, current);
  writeFileSync(join(home, 'go.mod'), 'module example.com/w\n\ngo 1.21\n');
  symlinkSync(modules, current);
  return {
    home,
    run: (script: string) => run(script, home),
    switchTo: (next: string): void => {
      rmSync(current);
      symlinkSync(next, current);
    },
  };
}

describe('a pack with the checksum database', () => {
  let bundle: WrittenBundle;
  let host: HostPack;
  beforeAll(async () => {
    bundle = await build(project());
    host = unpackOn(scratch, bundle, 'default');
  });

  it('says that the database vouches for all', () => {
    expect(bundle.manifest.unverified).toEqual([]);
    const verified = bundle.manifest.packs[0]?.modules.map((module) => module.verified);
    expect(verified).toEqual(['checksum-database']);
  });

  it('lets go write go.sum anew without a network, all of it verified', () => {
    const before = readFileSync(join(host.modules, '../p/go.sum'), 'utf8');
    host.run(`${settings(bundle)} rm go.sum && go mod tidy && go vet ./...`, 'p');
    expect(readFileSync(join(host.modules, '../p/go.sum'), 'utf8')).toBe(before);
  });

  it('refuses a module whose bytes were changed, without any go.sum', async () => {
    const changed = mkdtempSync(join(scratch, 'changed-'));
    cpSync(host.modules, changed, { recursive: true });
    const other = mkdtempSync(join(scratch, 'other-'));
    await publishTo(other, [library('example.com/one', '\nconst Backdoor = true\n')]);
    const zip = 'example.com/one/@v/v1.0.0.zip';
    cpSync(join(other, zip), join(changed, zip));
    const go = offlineGo(scratch, changed);
    expect(() =>
      go.run(`${settings(bundle)} rm -f go.sum && go mod tidy`, join(host.modules, '../p')),
    ).toThrow(/SECURITY ERROR[\s\S]*checksum server/);
  });

  it('is followed by one with a newer head, for the same users', async () => {
    const user = userOf(host.modules);
    user.run(`${settings(bundle)} go get example.com/one@v1.0.0`);
    database.grow(700);
    await publishTo(proxy, [library('example.com/late')]);
    database.record((await sumsOf(proxy)).filter(({ path }) => path === 'example.com/late'));
    const next = await build(project(['example.com/late@v1.0.0']));
    expect(sumdbOf(next).earlier).toEqual([sumdbOf(bundle).head]);
    expect(await verifyBundle(next.path, { deep: true })).toMatchObject({ good: true });
    user.switchTo(unpackOn(scratch, next, 'default').modules);
    user.run(`${settings(next)} go clean -modcache && go get example.com/late@v1.0.0`);
    const latest = join(user.home, 'go/pkg/sumdb/sum.example.test/latest');
    expect(readFileSync(latest, 'utf8')).toBe(sumdbOf(next).head);
  });
});

describe('what nobody vouches for', () => {
  const yaml = project(['corp.example/secret@v1.0.0']);
  beforeAll(async () => publishTo(proxy, [SECRET]));

  it('is refused by name', async () => {
    const refused = build(yaml);
    await expect(refused).rejects.toMatchObject({ code: 'unverified' });
    await expect(refused).rejects.toThrow(/nobody vouches for corp.example\/secret@v1.0.0$/);
  });

  it('is named in the manifest where it is accepted, and hosts do not ask for it', async () => {
    const bundle = await build(yaml, { allowUnverified: true });
    expect(bundle.manifest.unverified).toEqual(['corp.example/secret@v1.0.0']);
    expect(sumdbOf(bundle).except).toEqual(['corp.example/secret']);
    const host = unpackOn(scratch, bundle, 'default');
    host.run(`${settings(bundle)} go get corp.example/secret@v1.0.0 && go mod verify`, 'p');
  });

  it('is vouched for by a database of our own from then on', async () => {
    const { signer, verifier } = newSignerKey('sum.corp.example');
    writeFileSync(join(scratch, 'sumdb.key'), `${signer}\n`);
    const own = `${yaml}sumdb: { name: sum.corp.example, key: sumdb.key, log: sumdb.log }\n`;
    await expect(build(own)).rejects.toMatchObject({ code: 'unverified' });
    expect(existsSync(join(scratch, 'sumdb.log'))).toBe(false);
    const first = await build(own, { allowUnverified: true });
    const second = await build(own);
    expect(second.manifest.unverified).toEqual([]);
    expect(sumdbOf(second)).toEqual(sumdbOf(first));
    expect(sumdbOf(second)).toMatchObject({ key: verifier, size: 2, except: [] });
    const user = userOf(unpackOn(scratch, second, 'default').modules);
    user.run(`${settings(second)} go get corp.example/secret@v1.0.0 example.com/one@v1.0.0`);
    const third = await build(own.replace('also: [', 'also: ["example.com/two@v1.0.0", '));
    expect(sumdbOf(third).size).toBe(3);
    expect(await verifyBundle(third.path, { deep: true })).toMatchObject({ good: true });
    user.switchTo(unpackOn(scratch, third, 'default').modules);
    user.run(`${settings(third)} go clean -modcache && go get example.com/two@v1.0.0`);
    expect(readFileSync(join(user.home, 'go.sum'), 'utf8')).toContain('corp.example/secret');
  });
});
