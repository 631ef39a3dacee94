import { stat } from 'node:fs/promises';
import { GofleetError } from '#errors';
import type { ProxyModule } from '#gomod';
import { inThreads } from '#threads';
import pLimit from 'p-limit';
import type { HashedModule } from '../checksums/index.ts';
import { openLicences, type Licences } from '../licenses/index.ts';
import { readModule, type ModuleReading, type ModuleTask } from './read-module.ts';

/** A module as the manifest names it, before anything vouches for it. */
export interface ReadModule extends HashedModule {
  /** SPDX identifiers; empty where only its go.mod is here. */
  licenses: string[];
}

/** What was read in this build, by the files that make up a module: packs have many in common. */
export type ReadBefore = Map<string, ReadModule>;

/** Reads modules whole and hashes them anew, whatever the cache that they come from says of them. */
export async function hashModules(
  modules: readonly ProxyModule[],
  before: ReadBefore,
): Promise<ReadModule[]> {
  const unread = modules.filter((module) => !before.has(keyOf(module)));
  const licences = openLicences();
  const tasks = await Promise.all(unread.map(taskFor));
  const [readings] = await Promise.all([
    readAll(tasks),
    tasks.some(({ size }) => size > 0) ? licences.prepare() : undefined,
  ]);
  for (const [index, module] of unread.entries()) {
    const reading = readings[index];
    if (reading) before.set(keyOf(module), await named(module, reading, licences));
  }
  return modules.flatMap((module) => before.get(keyOf(module)) ?? []);
}

function keyOf({ goMod, zip }: ProxyModule): string {
  return JSON.stringify([goMod, zip]);
}

async function taskFor(module: ProxyModule): Promise<ModuleTask> {
  return { module, size: module.zip === undefined ? 0 : await sizeOf(module.zip) };
}

async function sizeOf(zip: string): Promise<number> {
  try {
    return (await stat(zip)).size;
  } catch (error) {
    throw new GofleetError('bundle_invalid', `${zip} was in the module cache and is gone`, {
      remedy: 'Build again, and do not clear the module cache away meanwhile.',
      cause: error,
    });
  }
}

/** Read sooner than threads have started. */
const FEW_BYTES = 8 << 20;
/** While one is hashed, others come from the disk. */
const AT_ONCE = 4;

async function readAll(tasks: readonly ModuleTask[]): Promise<ModuleReading[]> {
  const total = tasks.reduce((sum, { size }) => sum + size, 0);
  if (total <= FEW_BYTES) return pLimit(AT_ONCE).map(tasks, readModule);
  return inThreads(new URL('read-module-thread', import.meta.url), tasks);
}

async function named(
  { path, version }: ProxyModule,
  { h1, goModH1, licenceFiles }: ModuleReading,
  licences: Licences,
): Promise<ReadModule> {
  const licenses = h1 === null ? [] : await licences.of(licenceFiles);
  return { path, version, h1, goModH1, licenses };
}
