export { hash1, hashGoMod, hashZip, type HashedFile } from './dirhash.ts';
export { escapePath, unescapePath } from './escape.ts';
export {
  isFolder,
  parseGoMod,
  type GoMod,
  type ModuleVersion,
  type Replacement,
} from './go-mod.ts';
export { compareGo } from './go-version.ts';
export { parseGoWork, type GoWork } from './go-work.ts';
export { checkSum, parseGoSum, type GoSum } from './go-sum.ts';
export {
  proxyTree,
  type ProxyFile,
  type ProxyModule,
  type ProxyTree,
  type WantedModule,
} from './proxy-tree.ts';
export { hashModule, type ModuleHashes } from './hash-module.ts';
export { readModuleZip, type ModuleZip } from './module-zip.ts';
export { compareVersions, isPseudoVersion, latestOf } from './versions.ts';
export { lineOf } from './line-of.ts';
export { readZip, type ZipEntry } from './zip.ts';
export * from './sumdb/index.ts';
export { matchesPrefix } from './patterns.ts';
