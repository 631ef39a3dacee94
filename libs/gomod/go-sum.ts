import { GofleetError } from '#errors';
import type { ModuleVersion } from './go-mod.ts';

/** The hashes of a go.sum; several for one file are allowed, any may match. */
export interface GoSum {
  zip(module: ModuleVersion): string[];
  goMod(module: ModuleVersion): string[];
}

/** A wrong sum that old versions of go wrote for an empty go.mod; go itself passes over it (cmd/go modfetch). */
const EMPTY_GO_MOD = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=';

/** Parses a go.sum: lines `path version[/go.mod] hash`. Throws `invalid_file` with the line. */
export function parseGoSum(text: string, name = 'go.sum'): GoSum {
  const sums = new Map<string, string[]>();
  for (const [index, row] of text.split('\n').entries()) {
    const words = row.trim().split(/\s+/);
    if (words[0] === '') continue;
    const [path, version, hash] = words;
    if (words.length !== 3 || !path || !version || !hash) throw wrong(name, index + 1);
    if (hash === EMPTY_GO_MOD) continue;
    const key = `${path} ${version}`;
    sums.set(key, [...(sums.get(key) ?? []), hash]);
  }
  return {
    zip: ({ path, version }) => sums.get(`${path} ${version}`) ?? [],
    goMod: ({ path, version }) => sums.get(`${path} ${version}/go.mod`) ?? [],
  };
}

/** Whether a hash agrees with a go.sum: `unknown` where that has no line, throws `bundle_invalid` where it differs. */
export function checkSum(what: string, hash: string, known: string[]): 'good' | 'unknown' {
  const comparable = known.filter((each) => each.startsWith('h1:'));
  if (comparable.length === 0) return 'unknown';
  if (comparable.includes(hash)) return 'good';
  throw new GofleetError(
    'bundle_invalid',
    `${what} has ${hash}, go.sum says ${comparable.join(', ')}`,
    {
      remedy: 'Find out who changed it: the module proxy, or go.sum. Nothing was built.',
      details: { found: hash, expected: comparable },
    },
  );
}

function wrong(name: string, line: number): GofleetError {
  const message = 'must be `module version hash`';
  return new GofleetError('invalid_file', `${name} line ${line}: ${message}`, {
    remedy: 'Let `go mod tidy` write it anew.',
    errors: [{ path: '', line, message }],
  });
}
