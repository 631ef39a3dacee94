import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** An archive as a bundle has it, with its bytes. */
export interface Archive {
  bytes: Buffer;
  blob: string;
  size: number;
  unpackedBytes: number;
  entries: number;
}

/** Makes a tar.gz of files by their names; folders come by themselves. */
export async function archive(
  files: Record<string, { text: string; mode?: number }>,
): Promise<Archive> {
  const tar = pack();
  const folders = new Set(Object.keys(files).flatMap(parents));
  for (const name of [...folders].sort()) tar.entry({ name, type: 'directory', mode: 0o755 });
  for (const [name, { text, mode = 0o644 }] of Object.entries(files))
    tar.entry({ name, mode }, text);
  tar.finalize();
  const chunks = await Array.fromAsync(tar as AsyncIterable<Buffer>);
  const bytes = gzipSync(Buffer.concat(chunks), { level: 1 });
  return {
    bytes,
    blob: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    unpackedBytes: Object.values(files).reduce((sum, { text }) => sum + text.length, 0),
    entries: Object.keys(files).length + folders.size,
  };
}

function parents(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}/`);
}

const GO = `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
case $1 in
version) read -r version <"$root/VERSION"; echo "go version $version linux/amd64" ;;
build | test) grep -q '^module works' go.mod && cat "$root/go.env" ;;
env) sed -n "s/^$2=//p" "$root/go.env" ;;
*) exit 2 ;;
esac
`;

/** A Go that is a shell script: small, and as big as `kilobytes` of what gzip cannot press. */
export function toolchain(version: string, kilobytes = 1): Promise<Archive> {
  return archive({
    'go/VERSION': { text: `go${version}\ntime 2026-01-01T00:00:00Z\n` },
    'go/go.env': { text: 'GOPROXY=https://proxy.example,direct\nGOTOOLCHAIN=auto\n' },
    'go/bin/go': { text: GO, mode: 0o755 },
    'go/bin/gofmt': { text: '#!/bin/sh\nexec cat\n', mode: 0o755 },
    'go/src/filler': { text: noise(version, kilobytes) },
  });
}

/** A GOPROXY tree in name only. */
export function modulePack(name: string): Promise<Archive> {
  return archive({ [`modules/example.com/${name}/@v/list`]: { text: 'v1.0.0\n' } });
}

/** The source of a project that our Go builds if its module is `works`. */
export function project(name: string, module = 'works'): Promise<Archive> {
  return archive({ [`${name}/go.mod`]: { text: `module ${module}\n` } });
}

function noise(seed: string, kilobytes: number): string {
  const line = (number: number) =>
    createHash('sha512').update(`${seed}/${number}`).digest('base64').slice(0, 64);
  return Array.from({ length: kilobytes * 16 }, (_, number) => line(number)).join('');
}
