import { knownTexts, type KnownText } from './known.ts';
import { recognise } from './recognise.ts';

/** What SPDX calls it that there is no licence. */
export const NONE = 'NONE';

/** Tells the licences of modules from the licence files in them; the same texts are compared once. */
export interface Licences {
  /** SPDX identifiers, sorted; `NOASSERTION` for what is not recognised, `NONE` where there is no file. */
  of(files: readonly Uint8Array[]): Promise<string[]>;
  /** Loads what texts are compared with, for one who has to wait for something else first. */
  prepare(): Promise<void>;
}

export function openLicences(): Licences {
  const found = new Map<string, string[]>();
  let loaded: Promise<KnownText[]> | undefined;
  const known = (): Promise<KnownText[]> => (loaded ??= knownTexts());
  const ofText = async (text: string): Promise<string[]> => {
    const before = found.get(text);
    if (before) return before;
    const names = recognise(text, await known());
    found.set(text, names);
    return names;
  };
  return {
    prepare: async () => void (await known()),
    of: async (files) => {
      const names = new Set<string>();
      for (const file of files)
        for (const name of await ofText(Buffer.from(file).toString('utf8'))) names.add(name);
      return names.size === 0 ? [NONE] : [...names].sort();
    },
  };
}
