import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildBundle, type BuildOptions } from '#builder';
import { findPack, type Manifest, type Pack, type WrittenBundle } from '#bundle';
import { GOCACHE, offlineGo } from './offline-go.ts';

/** What the builder of the tests may use: a folder of modules, and nothing of this user's. */
export function builderEnv(scratch: string, proxy: string): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    HOME: mkdtempSync(join(scratch, 'builder-')),
    GOCACHE,
    GOPROXY: `file://${proxy}`,
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-modcacherw',
  };
}

/** Lets go write go.sum, as an author does before it is committed. */
export async function tidy(folder: string, env: Record<string, string | undefined>): Promise<void> {
  await promisify(execFile)('go', ['mod', 'tidy'], { cwd: folder, env });
}

/** Builds a bundle from a bundle file. Synthetic modules are known to no checksum database. */
export async function buildFrom(
  scratch: string,
  yaml: string,
  options: Pick<BuildOptions, 'env'> & Partial<BuildOptions>,
): Promise<WrittenBundle> {
  const file = join(scratch, `${mkdtempSync(join(scratch, 'file-')).split('/').at(-1)}.yaml`);
  writeFileSync(file, `kind: Bundle\nname: shapes\n${yaml}`);
  const out = join(mkdtempSync(join(scratch, 'out-')), 'bundle');
  const cache = join(scratch, 'cache');
  return buildBundle({ file, out, cache, allowUnverified: true, rehearse: false, ...options });
}

/** A pack as a host has it: its modules, and the sources of its projects, unpacked. */
export interface HostPack {
  pack: Pack;
  modules: string;
  /** Runs a script in the folder of a project, or in an empty one. */
  run(script: string, project?: string): string;
}

export function unpackOn(scratch: string, bundle: WrittenBundle, name: string): HostPack {
  const pack = findPack(bundle.manifest, name);
  if (!pack) throw new Error(`no pack ${name}`);
  const host = mkdtempSync(join(scratch, `host-${name}-`));
  for (const { blob } of [pack, ...pack.projects])
    execFileSync('tar', ['-xzf', join(bundle.path, pathOf(bundle.manifest, blob)), '-C', host]);
  mkdirSync(join(host, 'empty'));
  const modules = join(host, 'modules');
  const go = offlineGo(host, modules);
  return { pack, modules, run: (script, project = 'empty') => go.run(script, join(host, project)) };
}

function pathOf({ blobs }: Manifest, sha256: string): string {
  return blobs.find((blob) => blob.sha256 === sha256)?.path ?? 'none';
}
