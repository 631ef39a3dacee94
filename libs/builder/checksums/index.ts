export { openChecksums, type ChecksumOptions } from './open-checksums.ts';
export type { CarriedDatabase, Checksums, HashedModule } from './types.ts';
