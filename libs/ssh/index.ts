export { AllowRule, WorkerFile, isAllowed, matchesPattern, type AllowedHost } from './allow.ts';
export { blobFiles, type BlobFiles } from './blob-file.ts';
export { connectSsh, type ConnectOptions, type Credentials, type Target } from './connect.ts';
export {
  resolveCredentials,
  type ConnectionNames,
  type Resolved,
  type SecretPlaces,
} from './credentials.ts';
export { fingerprint, readPins, type Pin } from './host-keys.ts';
export { openJumps, type Jumps, type ThroughOptions } from './jumps.ts';
export { memoryTransport, type Exchange, type MemoryTransport } from './memory.ts';
export { printerTransport } from './printer.ts';
export type { JumpNames, WayOptions } from './way.ts';
export { scanHostKeys, type ScanOptions, type ScannedKey } from './scan.ts';
export { throttled, tokenBucket, type TokenBucket } from './token-bucket.ts';
export { loginOf, openTrials, type Trials, type Verdict } from './trials.ts';
