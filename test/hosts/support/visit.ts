import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  visitHost,
  type Deps,
  type Outcome,
  type ResolvedCheck,
  type ResolvedOperation,
  type StepRecord,
  type Task,
} from '#operations';
import { connectSsh } from '#ssh';
import { OPERATOR_PASSWORD, type Lab, type LabHost } from '../../lab/index.ts';
import type { Archive } from './archive.ts';

const FLEET = 'fleet-of-tests';
let epoch = 0;

export type Wish = Partial<Omit<Task, 'operations'>> & { deps?: Partial<Deps>; key?: string };

export interface Visited extends Outcome {
  steps: StepRecord[];
}

/** Works on a host as a worker does; epochs count on by themselves. */
export function visitor(lab: Lab) {
  const blobs = new Map<string, Buffer>();

  async function visit(
    host: LabHost,
    operations: ResolvedOperation[],
    { deps = {}, key = 'lab', ...wish }: Wish = {},
  ): Promise<Visited> {
    const steps: StepRecord[] = [];
    const privateKey = await readFile(join(lab.keys, key));
    epoch += 1;
    const task: Task = {
      task: 'forward',
      rollout: 'R1',
      fleet: FLEET,
      epoch,
      adopt: false,
      switched: false,
      operations,
      become: becomes(host),
      timeouts: { connect: 5000, step: 60_000, host: 120_000 },
      retries: { attempts: 3, backoff: 50, maxBackoff: 200 },
      ...wish,
    };
    const outcome = await visitHost(task, {
      connect: () =>
        connectSsh(
          { address: host.address, port: host.port, user: host.user, hostKeys: [host.hostKey] },
          { privateKey },
          { timeout: task.timeouts.connect },
        ),
      blobs: {
        open: (sha256, offset) => {
          const bytes = blobs.get(sha256)?.subarray(offset) ?? Buffer.alloc(0);
          return Promise.resolve({
            size: bytes.length,
            read: () => pieces(bytes),
            blake2b: () => Promise.resolve(blake2b(blobs.get(sha256) ?? bytes)),
          });
        },
      },
      report: { step: (step) => steps.push(step), switching: () => Promise.resolve() },
      signal: new AbortController().signal,
      maySwitch: () => true,
      ...deps,
    });
    return { ...outcome, steps };
  }

  function keep(archive: Archive): Archive {
    blobs.set(archive.blob, archive.bytes);
    return archive;
  }

  return { visit, keep };
}

function blake2b(bytes: Buffer): string {
  return createHash('blake2b512').update(bytes).digest('hex');
}

async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** As the inventory of the lab says it for each kind of user. */
export function becomes({ kind }: LabHost): Task['become'] {
  if (kind === 'deploy') return { user: 'root' };
  return kind === 'operator' ? { user: 'root', password: OPERATOR_PASSWORD } : undefined;
}

export interface Install {
  version: string;
  go: Archive;
  pack?: Archive;
  project?: Archive;
  exportGoroot?: boolean;
  checks?: ResolvedCheck[];
}

/** The operations of a playbook, resolved. */
export function install({ version, go, ...more }: Install): ResolvedOperation[] {
  const { pack, project, exportGoroot, checks = [versionCheck(version)] } = more;
  const sized = ({ blob, size, unpackedBytes, entries }: Archive) => ({
    blob,
    size,
    unpackedBytes,
    entries,
  });
  const source = project && { name: 'sample', ...sized(project) };
  return [
    {
      operation: 'go-toolchain',
      version,
      archives: ['amd64', 'arm64'].map((arch) => ({ version, os: 'linux', arch, ...sized(go) })),
    },
    ...(pack
      ? [
          {
            operation: 'module-pack' as const,
            pack: 'default',
            ...sized(pack),
            projects: source ? [source] : [],
          },
        ]
      : []),
    ...(exportGoroot === undefined
      ? []
      : [
          {
            operation: 'go-env' as const,
            exportGoroot,
            gosumdb: 'off',
            gotoolchain: 'local',
            gonoproxy: 'none',
            govcs: '*:off',
          },
        ]),
    {
      operation: 'health-check',
      checks: [
        ...checks,
        ...(source
          ? [
              {
                kind: 'goBuild' as const,
                id: `build-${source.blob.slice(0, 6)}`,
                project: source,
                timeout: 120_000,
              },
            ]
          : []),
      ],
    },
  ];
}

export function versionCheck(version: string): ResolvedCheck {
  return {
    kind: 'command',
    id: `version-${version}`,
    command: 'go version',
    expect: `go${version}`,
    timeout: 10_000,
  };
}

/** What has to be the same again after a rollback: what users of the host see. */
export async function seen(host: LabHost): Promise<unknown> {
  const below = await host.listing(['/opt/gofleet/current/', '/etc', '/usr/local']);
  const home = host.kind === 'plain' ? await host.listing([host.home]) : [];
  return {
    below: below.filter(({ path }) => !/\/(?:utmp|wtmp|\.cache|mtab)/.test(path)),
    home: home.filter(({ path }) => !path.includes('/.gofleet')),
  };
}
