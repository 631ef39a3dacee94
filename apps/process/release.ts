import { createRequire } from 'node:module';
import { z } from 'zod';

const Package = z.object({ name: z.literal('gofleet'), version: z.string() });

/** The release of gofleet, from its package.json: above `dist/` as well as above the sources. */
export const RELEASE = readRelease();

function readRelease(): string {
  const require = createRequire(import.meta.url);
  for (const path of ['../../package.json', '../../../package.json']) {
    const found = Package.safeParse(load(require, path));
    if (found.success) return found.data.version;
  }
  return 'unknown';
}

function load(require: NodeJS.Require, path: string): unknown {
  try {
    return require(path);
  } catch {
    return undefined;
  }
}
