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
export { memoryTransport, type Exchange, type MemoryTransport } from './memory.ts';
export { printerTransport } from './printer.ts';
export { scanHostKeys, type ScanOptions, type ScannedKey } from './scan.ts';
