import { compareGo } from '#gomod';
import type { BundleFile } from '../schema.ts';
import { named, type Wanted } from './source.ts';

/** Every toolchain of a bundle file, the newest last, however the file orders them. */
export function wantedToolchains({ toolchains }: Pick<BundleFile, 'toolchains'>): Wanted[] {
  const all = toolchains.flatMap(({ version, platforms }) =>
    platforms.map((platform) => {
      const [os = '', arch = ''] = platform.split('/');
      return { version, os, arch };
    }),
  );
  return all.sort((a, b) => compareGo(a.version, b.version) || (named(a) < named(b) ? -1 : 1));
}
