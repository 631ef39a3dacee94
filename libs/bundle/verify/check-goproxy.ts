import { createHash } from 'node:crypto';
import { escapePath, hash1, readModuleZip } from '#gomod';
import { z } from 'zod';
import type { Pack, PackModule } from '../schema.ts';
import { checkSumdb } from './check-sumdb.ts';
import { keepBytes, type Contents, type ContentSink } from './contents.ts';
import { openScratch } from './scratch.ts';

/** Larger zips go through a file. */
const IN_MEMORY = 32 << 20;
const MOST_INFO = 100_000;

/**
 * A pack holds the files of its modules and no others: each zip and go.mod with the hash that the manifest has, each
 * .info of its version. The checksum database that it carries proves what the manifest says it proves.
 */
export function checkGoproxy(
  pack: Pick<Pack, 'modules' | 'sumdb'>,
  fault: (message: string) => void,
): Contents {
  const wanted = filesOf(pack.modules);
  const sumdb = checkSumdb(pack, fault);
  const scratch = openScratch();

  function open(path: string, size: number): ContentSink | undefined {
    const file = wanted.get(path);
    wanted.delete(path);
    if (!file) {
      const sink = sumdb.open(path, size);
      if (!sink) fault(`${JSON.stringify(path)} belongs to no module of the manifest`);
      return sink;
    }
    const { module, ending } = file;
    switch (ending) {
      case 'zip':
        return zipSink(module, size);
      case 'mod':
        return { write: () => {}, end: (sha256) => checkGoMod(module, sha256) };
      case 'info':
        if (size > MOST_INFO) fault(`${path} is too large`);
        return size > MOST_INFO ? undefined : keepBytes((bytes) => checkInfo(module, bytes));
      case 'index':
        return undefined;
      default:
        return ending satisfies never;
    }
  }

  function checkGoMod(module: PackModule, sha256: string): void {
    if (goModH1(sha256) !== module.goModH1)
      fault(`the go.mod of ${named(module)} has not the hash of the manifest`);
  }

  function checkInfo(module: PackModule, bytes: Buffer): void {
    const version = versionIn(bytes);
    if (version !== module.version)
      fault(`the .info of ${named(module)} says ${JSON.stringify(version)}`);
  }

  function zipSink(module: PackModule, size: number): ContentSink {
    if (size <= IN_MEMORY) return keepBytes((bytes) => checkZip(module, bytes));
    return scratch.sink((path) => checkZip(module, path));
  }

  async function checkZip(module: PackModule, zip: string | Buffer): Promise<void> {
    try {
      const { h1, goMod } = await readModuleZip(module, zip);
      if (h1 !== module.h1) fault(`${named(module)} has the hash ${h1}, the manifest ${module.h1}`);
      if (goMod && goModH1(sha256Of(goMod)) !== module.goModH1)
        fault(`the go.mod in the zip of ${named(module)} is not its .mod`);
    } catch (error) {
      fault(`${named(module)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    open,
    end: async () => {
      for (const path of wanted.keys()) fault(`${path} is missing`);
      await sumdb.end();
    },
    [Symbol.asyncDispose]: async () => scratch[Symbol.dispose](),
  };
}

interface ModuleFile {
  module: PackModule;
  ending: 'zip' | 'mod' | 'info' | 'index';
}

/** The files of a GOPROXY tree with these modules. */
function filesOf(modules: readonly PackModule[]): Map<string, ModuleFile> {
  const files = new Map<string, ModuleFile>();
  for (const module of modules) {
    const folder = `modules/${escapePath(module.path)}`;
    const base = `${folder}/@v/${escapePath(module.version)}`;
    if (module.h1 !== null) files.set(`${base}.zip`, { module, ending: 'zip' });
    files.set(`${base}.mod`, { module, ending: 'mod' });
    files.set(`${base}.info`, { module, ending: 'info' });
    files.set(`${folder}/@v/list`, { module, ending: 'index' });
    files.set(`${folder}/@latest`, { module, ending: 'index' });
  }
  return files;
}

const Info = z.object({ Version: z.string() });

function versionIn(info: Buffer): string | undefined {
  try {
    return Info.safeParse(JSON.parse(info.toString('utf8'))).data?.Version;
  } catch {
    return undefined;
  }
}

function goModH1(sha256: string): string {
  return hash1([{ name: 'go.mod', sha256 }]);
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function named({ path, version }: PackModule): string {
  return `${path}@${version}`;
}
