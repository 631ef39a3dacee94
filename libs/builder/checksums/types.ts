import type { Pack, PackModule, PackSumdb } from '#bundle';
import type { GoSum, ModuleVersion, ProxyFile } from '#gomod';

/** A module whose bytes lie here, with the hashes of those bytes; `h1` is null where only its go.mod is here. */
export type HashedModule = Pick<PackModule, 'path' | 'version' | 'h1' | 'goModH1'>;

/** What a pack carries of a checksum database: files below the root of its GOPROXY tree. */
export interface CarriedDatabase {
  files: ProxyFile[];
  /** null where no database is in use, or it could not be asked about each of the modules. */
  sumdb: PackSumdb | null;
}

/** The one database that packs of a build carry. */
export interface PackDatabase {
  inputs(): readonly string[];
  carry(modules: readonly HashedModule[]): Promise<CarriedDatabase>;
  isRepeatable(): boolean;
  /** Goes on from the head of a pack. */
  adopt(note: string): void;
  /** Notes that these heads go out. */
  commit(notes: readonly string[]): Promise<void>;
}

/** The checksum databases of a build: what vouches for modules, and what of it goes into packs. */
export interface Checksums {
  /** What packs take from here, as inputs of what is made once: changes when the database in use or its head does. */
  inputs(): readonly string[];
  /** Fetches what the database has about modules, so that `judge` need not wait for it. Throws as `judge` does. */
  prefetch(modules: readonly ModuleVersion[]): Promise<void>;
  /**
   * Holds modules against the go.sum files given and against the checksum database, in their order: what vouches for
   * each. Throws `bundle_invalid` where one of them says otherwise, `checksum_database_forked` where the database lies.
   */
  judge(
    modules: readonly HashedModule[],
    sums: readonly GoSum[],
  ): Promise<PackModule['verified'][]>;
  /** Whether the database has this hash of a module zip; false where it cannot be asked. Throws as `judge` does. */
  vouches(module: ModuleVersion, h1: string): Promise<boolean>;
  /** The database rewritten to one signed head, for the modules of a pack. */
  carry(modules: readonly HashedModule[]): Promise<CarriedDatabase>;
  /** Whether a pack that was made just now would be the same next time: not where the database did not answer. */
  isRepeatable(): boolean;
  /** Whether all packs carry one head; if not, make them anew: the newest one of them holds for all from now on. */
  isSettled(packs: readonly Pack[]): boolean;
  /** Notes which heads go out, and adds what is new to the log of a database of our own. To be called before the bundle is written. */
  commit(packs: readonly Pack[]): Promise<void>;
}
