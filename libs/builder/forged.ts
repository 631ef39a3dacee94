import { GofleetError } from '#errors';

/** go found another hash than go.sum or the checksum database has: no second way in, ever. */
export function isForged(said: string): boolean {
  return /SECURITY ERROR|checksum mismatch/.test(said);
}

/** What go found, in its own words: the module, the hash it got and the one it should have. */
export function forged(said: string): GofleetError {
  const [found = said] = said.split(/^SECURITY ERROR/m);
  const lines = found.split('\n').map((line) => line.trim());
  return new GofleetError(
    'bundle_invalid',
    lines.filter(Boolean).join('; ').replaceAll(/\s+/g, ' '),
    {
      remedy:
        'Somebody between the author and this machine has changed it, or go.sum is wrong: find out which. Nothing was built.',
      details: { said },
    },
  );
}
