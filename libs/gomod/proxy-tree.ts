import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { z } from 'zod';
import { unescapePath } from './escape.ts';
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

/**
 * Makes a GOPROXY tree of `$GOMODCACHE/cache/download`: .mod and .zip as they are, .info, `@v/list` and `@latest`
 * written anew, locks, hashes and the rest left out. https://go.dev/ref/mod#goproxy-protocol
 */
export async function proxyTree(cache: string): Promise<ProxyTree> {
  const names = (await readdir(cache, { recursive: true })).sort();
  const present = new Set(names);
  const kept = names.filter((name) => /^(?!sumdb\/).*\/@v\/[^/]+\.(mod|zip)$/.test(name));
  const modules = kept.filter((name) => name.endsWith('.mod')).map((name) => moduleOf(name));
  const missing = modules.map(({ base }) => `${base}.info`).find((name) => !present.has(name));
  if (missing !== undefined) throw incomplete(missing);
  const infos = new Map<string, string>();
  for (const { base } of modules) infos.set(base, await readInfo(join(cache, `${base}.info`)));
  return {
    files: [
      ...kept.map((name) => ({ path: name, from: join(cache, name) })),
      ...[...infos].map(([base, text]) => ({ path: `${base}.info`, text })),
      ...indexes(modules, infos),
    ],
    modules: modules.map(({ base, path, version }) => ({
      path,
      version,
      goMod: join(cache, `${base}.mod`),
      zip: present.has(`${base}.zip`) ? join(cache, `${base}.zip`) : undefined,
    })),
  };
}

/** Version and time alone: where the bytes came from differs between proxies and is nobody's business. */
async function readInfo(path: string): Promise<string> {
  const { Version, Time } = Info.parse(JSON.parse(await readFile(path, 'utf8')));
  return `${JSON.stringify({ Version, Time })}\n`;
}

const Info = z.object({ Version: z.string(), Time: z.string().optional() });

interface Placed {
  /** As in `github.com/!azure/x`. */
  escaped: string;
  path: string;
  version: string;
  /** The file name without its ending. */
  base: string;
}

function moduleOf(name: string): Placed {
  const base = name.slice(0, -'.mod'.length);
  const [escaped = '', version = ''] = base.split('/@v/');
  return { escaped, path: unescapePath(escaped), version: unescapePath(version), base };
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
    remedy: 'Remove the cache folder of the builder and build again.',
  });
}
