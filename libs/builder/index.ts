export { buildBundle, type BuildOptions } from './build-bundle.ts';
export type { BuildEvent } from './build.ts';
export { BundleFile } from './schema.ts';
