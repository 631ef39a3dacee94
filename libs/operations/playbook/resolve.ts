import { createHash } from 'node:crypto';
import { GofleetError, type Fault } from '#errors';
import { parseDuration } from '#units';
import { distance } from 'fastest-levenshtein';
import type { Check, GoEnv, Playbook, PlaybookOperation } from './schema.ts';
import {
  DEFAULT_BUILD_TIMEOUT,
  DEFAULT_CHECK_TIMEOUT,
  FIRST_WITH_GO_ENV,
  goMinor,
} from './limits.ts';
import type {
  ArchiveBlob,
  ProjectSource,
  ResolvedCheck,
  ResolvedOperation,
  ToolchainArchive,
} from './resolved.ts';

/** What of a bundle's manifest a playbook may ask for: plain data, more keys do no harm. */
export interface BundleContents {
  toolchains: readonly ToolchainArchive[];
  packs: readonly PackContents[];
}

export interface PackContents extends ArchiveBlob {
  name: string;
  projects: readonly ProjectSource[];
  /** The checksum database that it carries, and paths of modules that this knows nothing of. */
  sumdb?: { key: string; except: readonly string[] } | null;
}

interface Resolving {
  bundle: BundleContents;
  faults: Fault[];
  pack: PackContents | undefined;
  /** Whether settings in go.env are asked for. */
  settings: boolean;
}

/**
 * Puts everything that a playbook needs of a bundle into its operations. Throws `invalid_file` with the path of
 * every version, pack or project that the bundle does not have, and the nearest that it has.
 */
export function resolvePlaybook(playbook: Playbook, bundle: BundleContents): ResolvedOperation[] {
  const settings = playbook.operations.some((entry) => entry['go-env'] ?? entry['module-pack']);
  const at: Resolving = { bundle, faults: [], pack: packOf(playbook, bundle), settings };
  const resolved = playbook.operations.flatMap((entry, index) =>
    resolve(entry, `operations[${index}]`, at),
  );
  const [first] = at.faults;
  if (!first) return resolved;
  throw new GofleetError(
    'invalid_file',
    `playbook ${playbook.name}: ${first.path}: ${first.message}`,
    {
      remedy: 'Correct the playbook, or name a bundle that has it (`gofleet bundle inspect`).',
      errors: at.faults,
    },
  );
}

/** The blobs that hosts may get by these operations, each once. */
export function blobsOf(
  operations: readonly ResolvedOperation[],
): { sha256: string; size: number }[] {
  const found = operations.flatMap((each): Pick<ArchiveBlob, 'blob' | 'size'>[] => {
    switch (each.operation) {
      case 'go-toolchain':
        return each.archives;
      case 'module-pack':
        return [each];
      case 'health-check':
        return each.checks.flatMap((check) => (check.kind === 'goBuild' ? [check.project] : []));
      case 'go-env':
        return [];
      default:
        return each satisfies never;
    }
  });
  const sizes = new Map(found.map(({ blob, size }) => [blob, size]));
  return [...sizes].map(([sha256, size]) => ({ sha256, size }));
}

function packOf(playbook: Playbook, bundle: BundleContents): PackContents | undefined {
  const name = playbook.operations.find((entry) => entry['module-pack'])?.['module-pack']?.pack;
  return bundle.packs.find((pack) => pack.name === name);
}

function resolve(entry: PlaybookOperation, path: string, at: Resolving): ResolvedOperation[] {
  const { 'go-toolchain': toolchain, 'module-pack': pack, 'go-env': env } = entry;
  if (toolchain) return resolveToolchain(toolchain.version, `${path}.go-toolchain`, at);
  if (pack) return resolvePack(pack.pack, `${path}.module-pack`, at);
  if (env) return [{ operation: 'go-env', ...env, ...sumdbOf(env, `${path}.go-env`, at) }];
  const checks = (entry['health-check']?.checks ?? []).flatMap((check, index) =>
    resolveCheck(check, `${path}.health-check.checks[${index}]`, at),
  );
  return [{ operation: 'health-check', checks }];
}

function resolveToolchain(version: string, path: string, at: Resolving): ResolvedOperation[] {
  const archives = at.bundle.toolchains
    .filter((each) => each.version === version)
    .map((each) => ({ version, os: each.os, arch: each.arch, ...archive(each) }));
  if (archives.length > 0 && at.settings && goMinor(version) < FIRST_WITH_GO_ENV)
    at.faults.push({
      path: `${path}.version`,
      message: `Go ${version} reads no go.env, so neither go-env nor module-pack can work; 1.21 and later do`,
    });
  if (archives.length > 0) return [{ operation: 'go-toolchain', version, archives }];
  const versions = at.bundle.toolchains.map((each) => each.version);
  return missing(at, `${path}.version`, 'toolchain', version, versions);
}

function resolvePack(name: string, path: string, at: Resolving): ResolvedOperation[] {
  const { pack } = at;
  if (!pack) {
    const names = at.bundle.packs.map((each) => each.name);
    return missing(at, `${path}.pack`, 'pack', name, names);
  }
  const projects = pack.projects.map(source);
  return [{ operation: 'module-pack', pack: name, ...archive(pack), projects }];
}

/** The database that go knows by its name alone (src/cmd/go/internal/modfetch/key.go). */
const WELL_KNOWN = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';

/** What `gosumdb: pack` comes to. */
function sumdbOf(env: GoEnv, path: string, at: Resolving): Pick<GoEnv, 'gosumdb' | 'gonosumdb'> {
  const { gosumdb, gonosumdb } = env;
  if (gosumdb !== 'pack') return { gosumdb, gonosumdb };
  const { pack } = at;
  if (pack?.sumdb) {
    const { key, except } = pack.sumdb;
    return {
      gosumdb: key === WELL_KNOWN ? 'sum.golang.org' : key,
      gonosumdb: gonosumdb ?? (except.length > 0 ? except.join(',') : undefined),
    };
  }
  const without = pack
    ? `the pack ${pack.name} carries no checksum database: build it with GOSUMDB on, or with \`sumdb\` in the bundle file`
    : 'there is no module-pack in this playbook whose database it could be';
  at.faults.push({ path: `${path}.gosumdb`, message: without });
  return { gosumdb: 'off' };
}

function resolveCheck(check: Check, path: string, at: Resolving): ResolvedCheck[] {
  const { command, expect, goBuild, user } = check;
  const id = createHash('sha256').update(JSON.stringify([command, expect, goBuild, user]));
  const timeout = check.timeout === undefined ? undefined : parseDuration(check.timeout);
  if (command !== undefined)
    return [
      {
        kind: 'command',
        id: id.digest('hex').slice(0, 12),
        command,
        expect,
        user,
        timeout: timeout ?? DEFAULT_CHECK_TIMEOUT,
      },
    ];
  const name = goBuild ?? '';
  const project = at.pack?.projects.find((each) => each.name === name);
  if (!project) {
    const names = at.pack?.projects.map((each) => each.name) ?? [];
    return missing(at, `${path}.goBuild`, 'project', name, names);
  }
  return [
    {
      kind: 'goBuild',
      id: id.update(project.blob).digest('hex').slice(0, 12),
      project: source(project),
      user,
      timeout: timeout ?? DEFAULT_BUILD_TIMEOUT,
    },
  ];
}

function source(project: ProjectSource): ProjectSource {
  const { name, workspace = [] } = project;
  return { name, ...(workspace.length > 0 && { workspace }), ...archive(project) };
}

function archive({ blob, size, unpackedBytes, entries }: ArchiveBlob): ArchiveBlob {
  return { blob, size, unpackedBytes, entries };
}

function missing(
  at: Resolving,
  path: string,
  what: string,
  wanted: string,
  there: string[],
): never[] {
  const names = [...new Set(there)].sort(
    (a, b) => distance(a, wanted) - distance(b, wanted) || a.localeCompare(b),
  );
  const message =
    names.length === 0
      ? `the bundle has no ${what} at all, so not ${wanted}`
      : `the bundle has no ${what} ${wanted}; nearest: ${names.slice(0, 3).join(', ')}`;
  at.faults.push({ path, message });
  return [];
}
