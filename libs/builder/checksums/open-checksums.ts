import type { Pack, PackSumdb } from '#bundle';
import { openHead, recordedSums, type ModuleVersion, type VerifierKey } from '#gomod';
import type { Build } from '../build.ts';
import { carryOwn } from './carry-own.ts';
import { carryUpstream, NO_DATABASE } from './carry-upstream.ts';
import { openDatabase } from './database.ts';
import type { PackHead } from './heads.ts';
import { contradicted, judged, type Recorded } from './judge.ts';
import { keptDatabase } from './kept.ts';
import { openOwnLog, type OwnDatabase, type OwnLog } from './own-log.ts';
import { cacheOfGo } from './cache-of-go.ts';
import { remoteDatabase } from './remote.ts';
import { readSettings } from './settings.ts';
import type { Checksums, PackDatabase } from './types.ts';
import { upstreamOf, type Upstream } from './upstream.ts';

export interface ChecksumOptions {
  /** Packs of an earlier bundle: theirs is the head to go on from, instead of the newest that went out from here. */
  like?: readonly Pack[] | undefined;
  /** A database of our own, which packs carry instead of the one that GOSUMDB names. */
  own?: OwnDatabase | undefined;
}

type Tools = Pick<Build, 'go' | 'env' | 'bench' | 'progress' | 'signal'>;

/** Opens the checksum database that GOSUMDB names, as go would, and one of our own. */
export async function openChecksums(
  build: Tools,
  { like = [], own: ownDatabase }: ChecksumOptions = {},
): Promise<Checksums> {
  const upstream = await openUpstream(build, like);
  const own = ownDatabase && (await openOwn(ownDatabase, build));
  const packs = own?.packs ?? (upstream ? carryUpstream(upstream) : NO_DATABASE);
  const asked = async (modules: readonly ModuleVersion[]): Promise<Recorded[][]> => {
    const records = await upstream?.records(modules);
    return modules.map((module, index) => [
      ...recordedIn(upstream?.settings.key.name, records?.[index]?.text, module),
      ...recordedIn(own?.log.key.verifier.name, own?.log.log().find(module)?.text, module),
    ]);
  };
  return {
    inputs: () => [upstream?.settings.key.text ?? 'off', ...packs.inputs()],
    carry: async (modules) => packs.carry(modules),
    isRepeatable: () => packs.isRepeatable() && upstream?.wasSilent() !== true,
    prefetch: async (modules) => void (await asked(modules)),
    judge: async (modules, sums) => {
      const known = await asked(modules);
      return modules.map((module, index) => judged(module, sums, known[index] ?? []));
    },
    vouches: async (module, h1) => {
      const known = (await asked([module])).flat().filter((each) => each.h1 !== undefined);
      const other = known.find((each) => each.h1 !== h1);
      if (other) throw contradicted(`${module.path}@${module.version}`, h1, other);
      return known.length > 0;
    },
    isSettled: (made) => {
      const [newest, ...others] = headsOf(made);
      if (!newest || others.length === 0) return true;
      packs.adopt(newest);
      return false;
    },
    commit: async (made) => packs.commit(headsOf(made)),
  };
}

async function openUpstream(build: Tools, like: readonly Pack[]): Promise<Upstream | undefined> {
  const settings = await readSettings(build);
  if (!settings) return undefined;
  const kept = await keptDatabase(settings.key, build.bench);
  const remote = remoteDatabase(settings, build.signal);
  const start = startFrom(like, settings.key);
  const goCache = cacheOfGo(settings);
  const database = await openDatabase({ settings, remote, goCache, kept, start });
  return upstreamOf(settings, database, kept, build);
}

async function openOwn(
  database: OwnDatabase,
  build: Tools,
): Promise<{ log: OwnLog; packs: PackDatabase }> {
  const kept = await keptDatabase(database.key.verifier, build.bench);
  const log = await openOwnLog(database, kept);
  return { log, packs: carryOwn(log, kept, build) };
}

/** The head of an earlier bundle, with those that it went on from. */
function startFrom(like: readonly Pack[], key: VerifierKey): PackHead | undefined {
  const [newest] = bySize(like).filter((each) => each.key === key.text);
  return (
    newest && {
      head: openHead(newest.head, key),
      earlier: newest.earlier.map((note) => openHead(note, key)),
    }
  );
}

/** Notes of the heads of packs, each once, the newest first. */
function headsOf(packs: readonly Pack[]): string[] {
  return [...new Set(bySize(packs).map(({ head }) => head))];
}

function bySize(packs: readonly Pack[]): PackSumdb[] {
  return packs.flatMap(({ sumdb }) => sumdb ?? []).toSorted((a, b) => b.size - a.size);
}

function recordedIn(
  database: string | undefined,
  text: string | undefined,
  module: ModuleVersion,
): Recorded[] {
  return database === undefined || text === undefined
    ? []
    : [{ database, ...recordedSums(text, module) }];
}
