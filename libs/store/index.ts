export { hashFile, type BlobName, type ByteRange } from './blob.ts';
export { publish, syncFolder } from './disk.ts';
export type { OpenSource } from './fetch.ts';
export {
  openStore,
  type Piece,
  type Progress,
  type Store,
  type StoredBlob,
  type StoreOptions,
} from './store.ts';
