export { openChecksums, type ChecksumOptions } from './open-checksums.ts';
export type { OwnDatabase } from './own-log.ts';
export type { CarriedDatabase, Checksums, HashedModule } from './types.ts';
export { readOwnDatabase } from './read-own-database.ts';
