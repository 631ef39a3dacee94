import { createCipheriv } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  writeArchive,
  writeBundle,
  type ArchiveEntry,
  type PackModule,
  type Toolchain,
} from '#bundle';

export interface SyntheticOptions {
  versions: string[];
  /** Size of each toolchain as it is sent; its bytes cannot be compressed. Default 0.2. */
  megabytes?: number;
  name?: string;
  /** Names of packs, each with one module in name only. */
  packs?: string[];
}

/** A small bundle with toolchains that are shell scripts: they know their version and take as long to send as wished. */
export async function syntheticBundle(options: SyntheticOptions): Promise<string> {
  const { versions, megabytes = 0.2, name = 'synthetic', packs = [] } = options;
  const folder = await mkdtemp(join(tmpdir(), 'gofleet-synthetic-'));
  const toolchains: Toolchain[] = [];
  const files = new Map<string, string>();
  for (const version of versions) {
    const file = join(folder, `go${version}.tar.gz`);
    const archive = await writeArchive(entriesOf(version, megabytes), file, 1);
    files.set(archive.blob, file);
    toolchains.push({
      version,
      os: 'linux',
      arch: 'amd64',
      ...archive,
      versionText: `go${version}\n`,
      source: 'goroot',
      verified: 'none',
      h1: null,
    });
  }
  const made = await Promise.all(
    packs.map(async (pack) => {
      const file = join(folder, `${pack}.tar.gz`);
      const archive = await writeArchive(
        [entry(LIST, 'v1.0.0\n'), entry(GO_MOD, 'module m\n')],
        file,
        1,
      );
      files.set(archive.blob, file);
      return { name: pack, ...archive, modules: [MODULE], projects: [] };
    }),
  );
  const pathOf = (sha256: string): string => files.get(sha256) ?? '';
  const { path } = await writeBundle(
    { name, toolchains, packs: made, rehearsal: null },
    pathOf,
    join(folder, name),
  );
  return path;
}

const LIST = 'modules/example.com/m/@v/list';
const GO_MOD = 'modules/example.com/m/@v/v1.0.0.mod';
const MODULE: PackModule = {
  path: 'example.com/m',
  version: 'v1.0.0',
  h1: null,
  goModH1: 'h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  verified: 'none',
  licenses: [],
};

function entriesOf(version: string, megabytes: number): ArchiveEntry[] {
  return [
    entry('go/bin/go', goScript(version), true),
    entry('go/bin/gofmt', '#!/bin/sh\ncat\n', true),
    entry('go/VERSION', `go${version}\n`),
    entry('go/go.env', 'GOPROXY=https://invalid.invalid\nGOSUMDB=off\nGOTOOLCHAIN=auto\n'),
    entry('go/src/noise', noise(version, megabytes * 1_000_000)),
  ];
}

function goScript(version: string): string {
  return `#!/bin/sh
case "$1" in
version) echo "go version go${version} linux/amd64" ;;
env) shift; for name in "$@"; do sed -n "s/^$name=//p" "$(dirname "$(dirname "$(readlink -f "$0")")")/go.env"; done ;;
*) echo "this go knows its version only" >&2; exit 2 ;;
esac
`;
}

function entry(path: string, content: string | Buffer, executable = false): ArchiveEntry {
  const bytes = Buffer.from(content);
  return {
    kind: 'file',
    path,
    executable,
    size: bytes.length,
    async *read() {
      yield bytes;
    },
  };
}

/** The same bytes for the same seed, and no compressor finds anything in them. */
function noise(seed: string, size: number): Buffer {
  const key = Buffer.alloc(16, seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
