export { hash1, hashGoMod, hashZip, type HashedFile } from './dirhash.ts';
export { escapePath, unescapePath } from './escape.ts';
export {
  isFolder,
  parseGoMod,
  type GoMod,
  type ModuleVersion,
  type Replacement,
} from './go-mod.ts';
export { checkSum, parseGoSum, type GoSum } from './go-sum.ts';
export { proxyTree, type ProxyFile, type ProxyModule, type ProxyTree } from './proxy-tree.ts';
export { compareVersions, isPseudoVersion, latestOf } from './versions.ts';
export { readZip, type ZipEntry } from './zip.ts';
export * from './sumdb/index.ts';
export { matchesPrefix } from './patterns.ts';
