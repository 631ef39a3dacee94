export { databaseFault } from './fault.ts';
export { openHead, signHead, type TreeHead } from './head.ts';
export {
  isKeyName,
  newSignerKey,
  parseSignerKey,
  parseVerifierKey,
  type SignerKey,
  type VerifierKey,
} from './keys.ts';
export { formatLog, logOf, parseLog, type ChecksumLog } from './log.ts';
export { openNote, signNote } from './note.ts';
export { proveGrowth, proveRecords, type ProvenTiles, type ReadDatabase } from './prove.ts';
export {
  formatLookup,
  formatRecord,
  lookupPath,
  parseLookup,
  recordedSums,
  type Lookup,
  type RecordedSums,
} from './record.ts';
