import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { z } from 'zod';
import { escapePath } from './escape.ts';
import type { ModuleVersion } from './go-mod.ts';
import { contradicts } from './hash-module.ts';
import { compareVersions, isPseudoVersion, latestOf } from './versions.ts';

/** A file of a GOPROXY tree: a path below its root, and either where it lies now or its text. */
export type ProxyFile = { path: string } & ({ from: string } | { text: string });

/** A module in the tree, with the files that make it up. */
export interface ProxyModule {
  path: string;
  version: string;
  goMod: string;
  /** Absent where only the go.mod is needed to resolve versions. */
  zip: string | undefined;
}

export interface ProxyTree {
  files: ProxyFile[];
  modules: ProxyModule[];
}

/** A module for the tree: whole, or its go.mod alone. */
export interface WantedModule extends ModuleVersion {
  zip: boolean;
}

/**
 * Makes a GOPROXY tree of modules in `$GOMODCACHE/cache/download`: .mod and .zip as they are, .info, `@v/list` and
 * `@latest` written anew. https://go.dev/ref/mod#goproxy-protocol
 */
export async function proxyTree(
  cache: string,
  wanted: readonly WantedModule[],
): Promise<ProxyTree> {
  const placed = wanted.map(placedIn);
  const infos = new Map<string, string>();
  for (const module of placed) infos.set(module.base, await readInfo(cache, module));
  return {
    files: [
      ...placed.map(({ base }) => ({ path: `${base}.mod`, from: join(cache, `${base}.mod`) })),
      ...placed
        .filter(({ zip }) => zip)
        .map(({ base }) => ({ path: `${base}.zip`, from: join(cache, `${base}.zip`) })),
      ...[...infos].map(([base, text]) => ({ path: `${base}.info`, text })),
      ...indexes(placed, infos),
    ],
    modules: placed.map(({ base, path, version, zip }) => ({
      path,
      version,
      goMod: join(cache, `${base}.mod`),
      zip: zip ? join(cache, `${base}.zip`) : undefined,
    })),
  };
}

/** Version and time alone: where the bytes came from differs between proxies and is nobody's business. */
async function readInfo(cache: string, module: Placed): Promise<string> {
  const name = `${module.base}.info`;
  const text = await readFile(join(cache, name), 'utf8').catch(() => undefined);
  if (text === undefined) throw incomplete(name);
  const info = parseInfo(text);
  if (!info) throw contradicts(module, 'its .info cannot be read');
  const { Version, Time } = info;
  if (Version !== module.version)
    throw contradicts(module, `its .info says ${JSON.stringify(Version)}`);
  return `${JSON.stringify({ Version, Time })}\n`;
}

const Info = z.object({ Version: z.string(), Time: z.string().optional() });

function parseInfo(text: string): z.infer<typeof Info> | undefined {
  try {
    return Info.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

interface Placed extends WantedModule {
  /** As in `github.com/!azure/x`. */
  escaped: string;
  /** The file name without its ending. */
  base: string;
}

function placedIn({ path, version, zip }: WantedModule): Placed {
  const escaped = escapePath(path);
  return { path, version, zip, escaped, base: `${escaped}/@v/${escapePath(version)}` };
}

function indexes(modules: Placed[], infos: Map<string, string>): ProxyFile[] {
  const byPath = Map.groupBy(modules, ({ escaped }) => escaped);
  return [...byPath].flatMap(([escaped, versions]) => {
    const names = versions.map(({ version }) => version).sort(compareVersions);
    const listed = names.filter((name) => !isPseudoVersion(name));
    const latest = versions.find(({ version }) => version === latestOf(names));
    return [
      { path: `${escaped}/@v/list`, text: listed.map((name) => `${name}\n`).join('') },
      { path: `${escaped}/@latest`, text: infos.get(latest?.base ?? '') ?? '' },
    ];
  });
}

function incomplete(name: string): GofleetError {
  return new GofleetError('bundle_invalid', `the module cache has no ${name}`, {
    remedy:
      'Build again; if it stays so, clear the module cache away (`go clean -modcache`), and the cache folder of the builder.',
  });
}
