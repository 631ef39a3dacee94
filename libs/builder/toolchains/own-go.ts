import { rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { x as extract } from 'tar';
import type { Toolchain } from '#bundle';
import { GofleetError, isGofleetError } from '#errors';
import type { Build } from '../build.ts';
import { goCommand, type Go } from '../go.ts';

/** The Go that packs are made and rehearsed with. */
export interface OwnGo {
  go: Go;
  /** Where it is installed; its command is `bin/go` in there. */
  goroot: string;
  /** Without `go`. */
  version: string;
  /** GOOS/GOARCH of this machine. */
  platform: string;
  /** What tells it from any other Go: an input of what is made with it. */
  key: string;
}

/** Node's names of processors in Go's words. */
const ARCHES: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };

/** GOOS and GOARCH of this machine. */
export function ownPlatform(): { os: string; arch: string } {
  return { os: process.platform, arch: ARCHES[process.arch] ?? process.arch };
}

/**
 * The newest toolchain of the bundle for this machine, as hosts will build with it; where it has none, the Go that is
 * installed here. Throws `missing_tool`.
 */
export async function goForPacks(build: Build, toolchains: readonly Toolchain[]): Promise<OwnGo> {
  const { os, arch } = ownPlatform();
  const own = toolchains.filter((each) => each.os === os && each.arch === arch).at(-1);
  return own ? bundledGo(own, build) : installedGo(build);
}

async function bundledGo(toolchain: Toolchain, build: Build): Promise<OwnGo> {
  const { version, os, arch, tree } = toolchain;
  build.progress({ step: 'pack', message: `using the bundle's go ${version}` });
  const goroot = join(await unpackedOnce(toolchain, build), 'go');
  const go = goCommand(join(goroot, 'bin/go'), build.env, build.signal);
  return { go, goroot, version, platform: `${os}/${arch}`, key: tree };
}

/** By its tree digest, so that builds share it; two that unpack it at once both find it whole. */
async function unpackedOnce({ tree, blob }: Toolchain, build: Build): Promise<string> {
  const place = join(await build.bench.kept('toolchains'), tree);
  const now = new Date();
  const isThere = await utimes(place, now, now).then(
    () => true,
    () => false,
  );
  if (isThere) return place;
  const draft = await build.bench.scratch('goroot');
  await extract({ file: (await build.bench.blobs.get(blob)).path, cwd: draft, strict: true });
  await rename(draft, place).catch(async (error: unknown) => {
    if (!(await stat(place).catch(() => undefined))) throw error;
  });
  return place;
}

async function installedGo(build: Build): Promise<OwnGo> {
  const { os, arch } = ownPlatform();
  const cwd = await build.bench.scratch('empty');
  const said = await build.go
    .run(['env', 'GOVERSION', 'GOROOT', 'GOHOSTOS', 'GOHOSTARCH'], { cwd })
    .catch((error: unknown) => {
      if (!isGofleetError(error, 'missing_tool')) throw error;
      throw new GofleetError('missing_tool', error.message, {
        remedy: `Install Go, or add a toolchain for ${os}/${arch} to the bundle: it is used then.`,
        cause: error,
      });
    });
  const [release = '', goroot = '', goos = '', goarch = ''] = said.trim().split('\n');
  const version = release.replace(/^go/, '');
  const key = JSON.stringify([release, goroot]);
  return { go: build.go, goroot, version, platform: `${goos}/${goarch}`, key };
}
