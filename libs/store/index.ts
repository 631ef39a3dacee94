export { hashFile, type BlobName, type ByteRange } from './blob.ts';
export { publish, syncFolder } from './disk.ts';
export { openStore } from './store.ts';
export type { OpenSource, Piece, Progress, Store, StoredBlob, StoreOptions } from './types.ts';
