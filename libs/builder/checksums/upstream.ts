import { isGofleetError, type GofleetError } from '#errors';
import { matchesPrefix, type Lookup, type ModuleVersion } from '#gomod';
import type { Build } from '../build.ts';
import type { Database } from './database.ts';
import type { KeptDatabase } from './kept.ts';
import type { DatabaseSettings } from './settings.ts';

/** The database of this environment, as long as it answers. */
export interface Upstream {
  settings: DatabaseSettings;
  database: Database;
  /** What this builder keeps of it. */
  kept: KeptDatabase;
  /** What is asked of it; undefined where it does not answer. */
  ask<T>(question: (database: Database) => Promise<T>): Promise<T | undefined>;
  /** Its records of modules, as `ask` answers; what is private is never named to it. */
  records(modules: readonly ModuleVersion[]): Promise<(Lookup | undefined)[] | undefined>;
  /** Whether it once did not answer. */
  wasSilent(): boolean;
}

const TOOLCHAIN = 'golang.org/toolchain';

export function upstreamOf(
  settings: DatabaseSettings,
  database: Database,
  kept: KeptDatabase,
  { progress }: Pick<Build, 'progress'>,
): Upstream {
  let silent = false;
  const ask: Upstream['ask'] = async (question) => {
    try {
      return await question(database);
    } catch (error) {
      if (!isGofleetError(error, 'source_unavailable')) throw error;
      if (!silent) progress({ step: 'pack', message: silence(settings, error), warning: true });
      silent = true;
      return undefined;
    }
  };
  /** As go does it: toolchains are looked up whatever the settings say. */
  const isPublic = ({ path }: ModuleVersion): boolean =>
    path === TOOLCHAIN || !matchesPrefix(settings.except, path);
  const records: Upstream['records'] = async (modules) => {
    const found = await ask(async () => database.records(modules.filter(isPublic)));
    const left = found?.values();
    return left && modules.map((module) => (isPublic(module) ? left.next().value : undefined));
  };
  return { settings, database, kept, ask, records, wasSilent: () => silent };
}

function silence({ key }: DatabaseSettings, error: GofleetError): string {
  return `the checksum database ${key.name} does not answer, so only go.sum vouches for modules: ${error.message}`;
}
