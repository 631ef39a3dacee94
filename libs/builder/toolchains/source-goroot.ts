import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import type { Build } from '../build.ts';
import {
  named,
  unavailable,
  type FoundGoroot,
  type ToolchainSource,
  type Wanted,
} from './source.ts';

const GoEnv = z.object({
  GOROOT: z.string(),
  GOVERSION: z.string(),
  GOHOSTOS: z.string(),
  GOHOSTARCH: z.string(),
});

/** The Go installed here, of its own version and platform only. It may be what was released, or somebody's own build. */
export const goroot: ToolchainSource = {
  name: 'goroot',
  offer: async (wanted, build) => ({ inputs: [], unpack: () => found(wanted, build) }),
};

async function found(wanted: Wanted, build: Build): Promise<FoundGoroot> {
  const said = await build.go.run(['env', '-json', ...Object.keys(GoEnv.shape)], {
    cwd: await build.bench.scratch('empty'),
  });
  const { GOROOT, GOVERSION, GOHOSTOS, GOHOSTARCH } = GoEnv.parse(JSON.parse(said));
  const here = { version: GOVERSION.replace(/^go/, ''), os: GOHOSTOS, arch: GOHOSTARCH };
  if (named(here) !== named(wanted)) throw unavailable(`the Go installed here is ${named(here)}`);
  return { folder: await realpath(GOROOT), published: false, released: false };
}
