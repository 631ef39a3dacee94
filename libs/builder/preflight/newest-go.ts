import { isGofleetError } from '#errors';
import type { Build } from '../build.ts';
import { ownPlatform } from '../toolchains/own-go.ts';
import type { Wanted } from '../toolchains/source.ts';

/** The newest Go that hosts and the builder itself will have for the projects. */
export interface NewestGo {
  /** Without `go`: of the bundle, else of this machine; undefined where neither has one. */
  version: string | undefined;
  /** `the newest Go of the bundle`, `the Go of this machine`: for messages. */
  whose: string;
  /** What the builder runs itself; older than `version` where the bundle has none for this machine. */
  own: string | undefined;
}

/** @param wanted the newest last */
export async function newestGo(wanted: readonly Wanted[], build: Build): Promise<NewestGo> {
  const { os, arch } = ownPlatform();
  const bundled = wanted.at(-1)?.version;
  const own =
    wanted.filter((each) => each.os === os && each.arch === arch).at(-1)?.version ??
    (await installed(build));
  return bundled === undefined
    ? { version: own, whose: 'the Go of this machine', own }
    : { version: bundled, whose: 'the newest Go of the bundle', own };
}

/** undefined where there is no go: whoever needs it says so. */
async function installed(build: Build): Promise<string | undefined> {
  try {
    const cwd = await build.bench.scratch('empty');
    return (await build.go.run(['env', 'GOVERSION'], { cwd })).trim().replace(/^go/, '');
  } catch (error) {
    if (isGofleetError(error, 'missing_tool')) return undefined;
    throw error;
  }
}
