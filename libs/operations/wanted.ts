import { createHash } from 'node:crypto';
import { GofleetError } from '#errors';
import type { Facts } from './host/facts.ts';
import type {
  ResolvedCheck,
  ResolvedGoEnv,
  ResolvedOperation,
  ToolchainArchive,
} from './playbook/resolved.ts';
import { GoEnv } from './playbook/schema.ts';
import type { ArchiveBlob } from './playbook/resolved.ts';

/** What one host is to have, worked out from the operations and from what only the host knows. */
export interface Wanted {
  go: { tree: string; archive: ToolchainArchive; goEnv: string | undefined } | undefined;
  modules: { tree: string; archive: ArchiveBlob | undefined } | undefined;
  /** What `current` is to lead to. */
  generation: { name: string; go: string; modules: string | null } | undefined;
  env: ResolvedGoEnv | undefined;
  checks: ResolvedCheck[];
}

/** The first line of a go.env of ours: how one that a playbook does not name is told from the toolchain's own. */
const MARK = '# Written by gofleet: the next version of Go gets its own.';

/** What of a host decides what it is to have. */
type Known = Pick<Facts, 'os' | 'arch' | 'machine' | 'root' | 'goEnv' | 'active'>;

/** Works out what a host is to have. Throws `platform` where the bundle has no Go for it. */
export function wantedOn(found: Known, operations: readonly ResolvedOperation[]): Wanted {
  const env = operations.find((each) => each.operation === 'go-env');
  const pack = operations.find((each) => each.operation === 'module-pack');
  const modules = pack ? { tree: pack.blob.slice(0, 12), archive: pack } : carriedModules(found);
  const archive = archiveFor(found, operations);
  const goEnv = goEnvFor(found, env, modules !== undefined);
  const go = archive && { tree: goTree(archive.version, archive.blob, goEnv), archive, goEnv };
  return {
    go,
    modules: go && modules,
    generation: go && generationOf(go.tree, modules?.tree ?? null),
    env,
    checks: operations.flatMap((each) => (each.operation === 'health-check' ? each.checks : [])),
  };
}

/** The name of a tree: its digest covers the toolchain and go.env. */
export function goTree(version: string, blob: string, goEnv: string | undefined): string {
  return `${version}-${digest12(blob, goEnv ?? '')}`;
}

export function generationOf(
  go: string,
  modules: string | null,
): NonNullable<Wanted['generation']> {
  return { name: digest12(go, modules ?? ''), go, modules };
}

function digest12(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
}

function archiveFor(
  found: Known,
  operations: readonly ResolvedOperation[],
): ToolchainArchive | undefined {
  const toolchain = operations.find((each) => each.operation === 'go-toolchain');
  if (!toolchain) return undefined;
  const { os, arch, machine } = found;
  const archive = toolchain.archives.find((each) => each.os === os && each.arch === arch);
  if (archive) return archive;
  const there = toolchain.archives.map((each) => `${each.os}/${each.arch}`).join(', ');
  throw new GofleetError(
    'platform',
    `the host is ${os}/${arch ?? machine} (${machine}); the bundle has Go ${toolchain.version} for ${there}`,
    { remedy: 'Build a bundle with this platform, or leave the host out of the targets.' },
  );
}

/** Modules that are there already stay, where the playbook names none. */
function carriedModules(found: Known): Wanted['modules'] {
  const tree = found.active?.modules;
  return tree ? { tree, archive: undefined } : undefined;
}

/** The text of go.env; undefined leaves the one of the toolchain. Settings that a playbook does not name stay. */
function goEnvFor(
  found: Known,
  env: ResolvedGoEnv | undefined,
  hasModules: boolean,
): string | undefined {
  if (!env && found.goEnv?.startsWith(MARK)) return found.goEnv;
  if (!env && !hasModules) return undefined;
  const settings = env ?? GoEnv.parse({});
  const proxy = hasModules ? `file://${found.root}/current/modules` : 'off';
  return [
    MARK,
    `GOPROXY=${settings.goproxy ?? proxy}`,
    `GOSUMDB=${settings.gosumdb}`,
    ...(settings.gonosumdb ? [`GONOSUMDB=${settings.gonosumdb}`] : []),
    `GOTOOLCHAIN=${settings.gotoolchain}`,
    `GONOPROXY=${settings.gonoproxy}`,
    `GOVCS=${settings.govcs}`,
  ].join('\n');
}
