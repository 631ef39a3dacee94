import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { x as extract } from 'tar';
import type { Pack } from '#bundle';
import type { Build } from '../build.ts';
import { openModuleCache } from '../modules/module-cache.ts';
import type { OwnGo } from '../toolchains/own-go.ts';
import { run, type Environment, type RunResult } from '../run.ts';
import { NOBODY_LISTENS, withoutNetwork, type NetworkCut } from './network.ts';

/** One call of the go command. */
export interface GoCall {
  args: readonly string[];
  /** Absolute. */
  cwd: string;
  env?: Environment;
}

/** A pack by itself, as on a host: the files of its blob, an empty home, no network. */
export interface Stage extends AsyncDisposable {
  /** A new folder on it. */
  folder(name: string): Promise<string>;
  /** Unpacks a blob of the bundle into a new folder. */
  unpack(blob: string, name: string): Promise<string>;
  /** From the pack alone. */
  offline: (call: GoCall) => Promise<RunResult>;
  /**
   * The same with the network, the settings of the user and the module cache of the builder, to tell whose fault a
   * failure is. The checksum database is not asked: nothing of what is fetched is used.
   */
  online: (call: GoCall) => Promise<RunResult>;
  /** What go said with its places by name: they differ from run to run. */
  plain(what: { said: string; cwd: string }): string;
}

/** What is handed on of the user's environment: how to compile C, which no pack brings along. */
const KEPT = /^(?:PATH|CC|CXX|AR|LANG|CGO_\w+|PKG_CONFIG\w*|C_INCLUDE_PATH|LIBRARY_PATH)$/;

/** Unpacks a pack, and gives it a home with nothing in it. */
export async function openStage(
  pack: Pack,
  own: OwnGo,
  cut: NetworkCut,
  build: Build,
): Promise<Stage> {
  const { bench, env, signal } = build;
  const root = await bench.scratch('rehearsal');
  const go = join(own.goroot, 'bin/go');
  const folder = async (name: string): Promise<string> => {
    const path = join(root, name);
    await mkdir(path, { recursive: true });
    return path;
  };
  const unpack = async (blob: string, name: string): Promise<string> => {
    const cwd = await folder(name);
    await extract({ file: (await bench.blobs.get(blob)).path, cwd, strict: true });
    return cwd;
  };
  const modules = join(await unpack(pack.blob, 'pack'), 'modules');
  const home = await folder('home');
  const always = {
    TMPDIR: await folder('tmp'),
    GOBIN: join(root, 'bin'),
    // What was compiled before proves nothing about modules: go reads the sources of each all the same.
    GOCACHE: env['GOCACHE'] || (await bench.kept('compiled')),
    GOFLAGS: flags(own.version),
    GOTOOLCHAIN: 'local',
  };
  const host = {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name))),
    ...always,
    ...NOBODY_LISTENS,
    HOME: home,
    GOPROXY: `file://${modules}`,
    GOSUMDB: pack.sumdb?.key ?? 'off',
    GONOSUMDB: pack.sumdb?.except.join(',') ?? '',
    GONOPROXY: 'none',
    GOVCS: '*:off',
  };
  const cache = await openModuleCache(build);
  const connected = { ...env, GO111MODULE: 'on', ...cache.env, ...always };
  const start = async (command: readonly string[], call: GoCall, more: Environment) => {
    const [program = '', ...args] = [...command, ...call.args];
    return run(program, args, { cwd: call.cwd, env: { ...more, ...call.env }, signal });
  };
  return {
    folder,
    unpack,
    offline: (call) => start(withoutNetwork(cut, [go]), call, host),
    online: (call) => start([go], call, connected),
    plain: (what) =>
      named(what, [
        [modules, 'pack'],
        [join(home, 'go/pkg/mod'), '$GOMODCACHE'],
        [cache.env['GOMODCACHE'] ?? '', '$GOMODCACHE'],
        [own.goroot, '$GOROOT'],
        [root, ''],
      ]),
    [Symbol.asyncDispose]: async () => rm(root, { recursive: true, force: true }),
  };
}

/** No paths in what is compiled, so that it is compiled once for all stages; no look at git, which Go 1.18 began with. */
function flags(version: string): string {
  const knowsGit = Number(version.split('.')[1]) >= 18;
  return `-trimpath -modcacherw${knowsGit ? ' -buildvcs=false' : ''}`;
}

function named({ said, cwd }: { said: string; cwd: string }, places: [string, string][]): string {
  const absolute = said.replaceAll(/(?:\.\.\/)+[^\s:"]+/g, (short) => {
    const full = resolve(cwd, short);
    return places.some(([place]) => full.startsWith(place)) ? full : short;
  });
  return places.reduce((text, [place, name]) => text.replaceAll(place, name), absolute);
}
