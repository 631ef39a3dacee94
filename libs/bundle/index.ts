export {
  BundleBlob,
  GoVersion,
  Manifest,
  Name,
  Pack,
  PackModule,
  PackProject,
  PackSumdb,
  Rehearsal,
  RehearsalStep,
  Sha256,
  Tool,
  Toolchain,
  blobPath,
} from './schema.ts';
export {
  digestOf,
  findPack,
  findProject,
  findToolchain,
  platformsOf,
  readManifest,
  writeManifest,
  type ToolchainWanted,
} from './manifest.ts';
export { writeArchive, type Archive, type Effort } from './archive/archive.ts';
export {
  drawModules,
  drawPackages,
  graphsBlob,
  MERMAID_LIMITS,
  narrowed,
  readAllGraphs,
  readGraphs,
  readGraphsBlob,
  toDot,
  toMermaid,
  GraphModule,
  GraphPackage,
  Graphs,
  ProjectGraph,
  type Drawing,
  type DrawingOptions,
  type DrawnEdge,
  type DrawnNode,
  type Narrowing,
} from './graphs/index.ts';
export { carriedFiles, type CarriedFile } from './carried.ts';
export {
  blobsIn,
  Differential,
  Have,
  haveOf,
  readHave,
  type BlobSource,
  type KeptDifferential,
} from './differential/index.ts';
export { treeDigest, type ArchiveEntry, type TreeLine } from './archive/tree.ts';
export { treeLines } from './archive/tree-lines.ts';
export {
  importBundle,
  type Announced,
  type BundleReceiver,
  type Imported,
  type ImportOptions,
} from './import-bundle.ts';
export { exportGoproxy, type Exported } from './export/index.ts';
export { listModules, type ListedModule } from './inspect/list-modules.ts';
export { readSbom } from './inspect/read-sbom.ts';
export { inspectBundle, type BundleSummary } from './inspect/inspect-bundle.ts';
export { diffBundles, type BundleDiff, type Difference } from './inspect/diff-bundles.ts';
export { joinBundle, type JoinOptions } from './media/join-bundle.ts';
export { openBundle, type BundleFiles, type OpenBundle } from './open-bundle.ts';
export { signBundle, type Signer } from './sign-bundle.ts';
export {
  judgeKey,
  judgeSignature,
  NAMESPACE,
  parseAllowedSigners,
  parseRevokedKeys,
  signedBy,
  type AllowedSigner,
  type IsRevoked,
  type SigningPolicy,
  type Trust,
} from './signature/index.ts';
export { splitBundle, type Split, type SplitOptions } from './media/split-bundle.ts';
export { storeReceiver } from './store-receiver.ts';
export {
  verifyBundle,
  type BundleFault,
  type VerifyOptions,
  type VerifyReport,
} from './verify-bundle.ts';
export {
  blobsOf,
  writeBundle,
  type BundleContent,
  type WriteOptions,
  type WrittenBundle,
} from './write-bundle.ts';
