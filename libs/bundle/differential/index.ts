export { assertBases } from './assert-bases.ts';
export { compose, type ReadFrom } from './compose.ts';
export { blobsIn, haveOf, readHave, type BlobSource } from './have.ts';
export { carriedBytes, planDifferential } from './plan-differential.ts';
export {
  DIFFERENTIAL_FILE,
  hashOfText,
  readDifferential,
  type KeptDifferential,
} from './read-differential.ts';
export { Differential, Have, type ComposedBlob } from './schema.ts';
