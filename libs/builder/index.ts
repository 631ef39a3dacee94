export { buildBundle } from './build-bundle.ts';
export type { BuildOptions } from './build-options.ts';
export type { BuildEvent } from './build.ts';
export { BundleFile } from './schema.ts';
