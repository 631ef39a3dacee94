import { join } from 'node:path';
import { x as extract } from 'tar';
import type { Toolchain } from '#bundle';
import { GofleetError, isGofleetError } from '#errors';
import type { Build } from './build.ts';
import { goCommand, type Go } from './go.ts';

/** Node's names of processors in Go's words. */
const ARCHES: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };

/** The go command of this machine; without one, that of the toolchain the bundle is to have for this platform. */
export async function goForPacks(build: Build, toolchains: readonly Toolchain[]): Promise<Go> {
  const cwd = await build.bench.scratch('empty');
  try {
    await build.go.run(['version'], { cwd });
    return build.go;
  } catch (error) {
    if (!isGofleetError(error, 'missing_tool')) throw error;
    return unpackedGo(build, toolchains, error);
  }
}

async function unpackedGo(
  build: Build,
  toolchains: readonly Toolchain[],
  cause: GofleetError,
): Promise<Go> {
  const arch = ARCHES[process.arch] ?? process.arch;
  const own = toolchains
    .filter((each) => each.os === process.platform && each.arch === arch)
    .at(-1);
  if (!own)
    throw new GofleetError('missing_tool', cause.message, {
      remedy: `Install Go, or add a toolchain for ${process.platform}/${arch} to the bundle: it is used then.`,
      cause,
    });
  build.progress({
    step: 'pack',
    message: `there is no go here: using the bundle's go ${own.version}`,
  });
  const folder = await build.bench.scratch('goroot');
  await extract({ file: (await build.bench.blobs.get(own.blob)).path, cwd: folder, strict: true });
  return goCommand(join(folder, 'go/bin/go'), build.env, build.signal);
}
