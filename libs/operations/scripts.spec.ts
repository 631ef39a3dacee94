import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  visitHost,
  type Deps,
  type ExecOptions,
  type Outcome,
  type ResolvedOperation,
  type StepRecord,
  type Task,
  type Transport,
} from '#operations';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pack } from 'tar-stream';

const NOBODY = 65534;
const asRoot = process.getuid?.() === 0;

/** A host without SSH: the scripts run under a shell of this machine, in a home of their own. */
function localTransport(shell: string, home: string, cutAfter = Infinity): Transport {
  return {
    exec: (command, options) => run(shell, home, command.script, options, cutAfter),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function run(
  shell: string,
  home: string,
  script: string,
  { stdin }: ExecOptions,
  cutAfter: number,
) {
  const child = spawn(shell, ['-c', script.replace('/bin/sh', shell)], {
    env: { HOME: home, PATH: process.env['PATH'] },
    cwd: home,
    ...(asRoot && { uid: NOBODY, gid: NOBODY }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  let sent = 0;
  let cut = false;
  if (typeof stdin === 'object') {
    for await (const chunk of stdin.read()) {
      const rest = chunk.subarray(0, cutAfter - sent);
      child.stdin.write(rest);
      sent += rest.length;
      stdin.progress?.(sent);
      cut = sent >= cutAfter;
      if (cut) break;
    }
  }
  child.stdin.end();
  const code = await closed;
  return { code: cut ? undefined : (code ?? undefined), signal: undefined, stdout, stderr };
}

async function archive(entries: Record<string, { text: string; mode?: number }>) {
  const tar = pack();
  const folders = new Set<string>();
  for (const [name, { text, mode = 0o644 }] of Object.entries(entries)) {
    const parts = name.split('/').slice(0, -1);
    parts.forEach((_, at) => {
      const folder = `${parts.slice(0, at + 1).join('/')}/`;
      if (!folders.has(folder)) tar.entry({ name: folder, type: 'directory', mode: 0o755 });
      folders.add(folder);
    });
    tar.entry({ name, mode }, text);
  }
  tar.finalize();
  const bytes = gzipSync(Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>)));
  return {
    bytes,
    blob: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    unpackedBytes: Object.values(entries).reduce((sum, { text }) => sum + text.length, 0),
    entries: Object.keys(entries).length + folders.size,
  };
}

/** A Go that is a shell script: it knows its version and tells what the environment says. */
function toolchain(version: string, filler = 1000) {
  const go = `#!/bin/sh\ncase $1 in\nversion) echo "go version go${version} linux/amd64" ;;\nbuild | test) [ -f go.mod ] && grep -q '^ok' go.mod ;;\n*) cat "$(dirname "$(readlink -f "$0")")/../go.env" ;;\nesac\n`;
  return archive({
    'go/VERSION': { text: `go${version}\n` },
    'go/go.env': { text: 'GOPROXY=https://proxy.example\n' },
    'go/bin/go': { text: go, mode: 0o755 },
    'go/bin/gofmt': { text: '#!/bin/sh\n', mode: 0o755 },
    'go/src/filler': { text: createHash('sha512').update(version).digest('hex').repeat(filler) },
  });
}

type Blob = Awaited<ReturnType<typeof archive>>;

function withoutBytes({ blob, size, unpackedBytes, entries }: Blob) {
  return { blob, size, unpackedBytes, entries };
}

function install(version: string, go: Blob): ResolvedOperation[] {
  const archives = ['amd64', 'arm64'].map((arch) => ({
    ...withoutBytes(go),
    version,
    os: 'linux',
    arch,
  }));
  return [
    { operation: 'go-toolchain', version, archives },
    {
      operation: 'health-check',
      checks: [
        {
          kind: 'command',
          id: 'version',
          command: 'go version',
          expect: `go${version}`,
          timeout: 10_000,
        },
      ],
    },
  ];
}

const shells = ['/bin/dash', '/bin/bash'];

describe.each(shells)('scripts under %s, without root', (shell) => {
  let home: string;
  const blobs = new Map<string, Buffer>();
  let steps: StepRecord[] = [];
  let execs = 0;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'gofleet-scripts-'));
    await chmod(home, 0o755);
    await writeFile(join(home, '.profile'), 'mine=1', { mode: 0o640 });
    if (asRoot) {
      await chown(home, NOBODY, NOBODY);
      await chown(join(home, '.profile'), NOBODY, NOBODY);
    }
    steps = [];
    execs = 0;
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  function task(operations: ResolvedOperation[], more: Partial<Task> = {}): Task {
    return {
      task: 'forward',
      rollout: 'R1',
      fleet: 'fleet-a',
      epoch: 1,
      adopt: false,
      switched: false,
      operations,
      timeouts: { connect: 1000, step: 20_000, host: 60_000 },
      retries: { attempts: 1, backoff: 1, maxBackoff: 1 },
      ...more,
    };
  }

  function visit(wanted: Task, cutAfter?: number): Promise<Outcome> {
    const deps: Deps = {
      connect: () => {
        const transport = localTransport(shell, home, cutAfter);
        return Promise.resolve({
          ...transport,
          exec: (command, options) => {
            execs += 1;
            return transport.exec(command, options);
          },
        });
      },
      blobs: {
        open: (sha256, offset) => {
          const bytes = blobs.get(sha256)!.subarray(offset);
          return Promise.resolve({
            size: bytes.length,
            async *read() {
              for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
            },
          });
        },
      },
      report: { step: (record) => steps.push(record), switching: () => Promise.resolve() },
      signal: new AbortController().signal,
      maySwitch: () => true,
    };
    return visitHost(wanted, deps);
  }

  async function has(go: Blob): Promise<Blob> {
    blobs.set(go.blob, go.bytes);
    return go;
  }

  it('installs, finds nothing to do, upgrades and rolls back to every byte', async () => {
    const old = await has(await toolchain('1.21.5'));
    const first = await visit(task(install('1.21.5', old)));
    expect(first, JSON.stringify([first, steps])).toMatchObject({
      state: 'succeeded',
      unchanged: false,
      switched: true,
      bytesSent: old.size,
    });
    expect(await readFile(join(home, '.profile'), 'utf8')).toContain('# >>> gofleet >>>');
    execs = 0;
    const again = await visit(task(install('1.21.5', old), { rollout: 'R2', epoch: 2 }));
    expect(again).toMatchObject({ state: 'succeeded', unchanged: true, bytesSent: 0 });
    expect(execs).toBe(1);

    const current = await readlink(join(home, '.gofleet/current'));
    const next = await has(await toolchain('1.22.0'));
    const upgrade = await visit(task(install('1.22.0', next), { rollout: 'R3', epoch: 3 }));
    expect(upgrade).toMatchObject({ state: 'succeeded', switched: true });
    const back = await visit(
      task(install('1.22.0', next), { task: 'rollback', rollout: 'R3', epoch: 4 }),
    );
    expect(back, JSON.stringify([back, steps])).toMatchObject({
      state: 'rolled_back',
      bytesSent: 0,
    });
    expect(await readlink(join(home, '.gofleet/current'))).toBe(current);
    const gone = await visit(
      task(install('1.21.5', old), { task: 'rollback', rollout: 'R1', epoch: 5 }),
    );
    expect(gone, JSON.stringify([gone, steps])).toMatchObject({ state: 'rolled_back' });
    expect(await readFile(join(home, '.profile'), 'utf8')).toBe('mine=1');
    expect(await readdir(home)).toEqual(['.gofleet', '.profile']);
    expect(await readdir(join(home, '.gofleet/staging'))).toEqual([]);
    expect(await readdir(join(home, '.gofleet'))).not.toContain('current');
    await mkdir(join(home, 'x'));
  });
});
