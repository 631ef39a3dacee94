export {
  BundleBlob,
  GoVersion,
  Manifest,
  Name,
  Pack,
  PackModule,
  PackProject,
  Sha256,
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
