import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GofleetError } from '#errors';
import { parseDlIndex } from './dl-index.ts';

/** A SHA-256 that was published for a file, and the file that says so. */
export interface PublishedHash {
  sha256: string;
  place: string;
}

/**
 * What was saved beside a file: `NAME.sha256`, `SHA256SUMS` as sha256sum or shasum write it, the index of go.dev/dl as
 * `dl.json`. undefined where none names it. Throws `bundle_invalid` where they disagree, `invalid_file` for what is none.
 */
export async function publishedHash(path: string): Promise<PublishedHash | undefined> {
  const [folder, name] = [dirname(path), basename(path)];
  const found: PublishedHash[] = [];
  for (const [file, parse] of Object.entries(FORMATS)) {
    const place = join(folder, file.replace('NAME', name));
    const text = await readFile(place, 'utf8').catch(() => undefined);
    const sha256 = text === undefined ? undefined : parse(text, name, place);
    if (sha256 !== undefined) found.push({ sha256, place });
  }
  const [first] = found;
  const other = found.find(({ sha256 }) => sha256 !== first?.sha256);
  if (first && other) throw contradiction(name, first, other);
  return first;
}

type Parse = (text: string, name: string, place: string) => string | undefined;

const FORMATS: Record<string, Parse> = {
  'NAME.sha256': (text, name, place) => {
    const alone = /^([0-9a-f]{64})\s*$/i.exec(text)?.[1]?.toLowerCase();
    return alone ?? lineFor(text, name) ?? unreadable(place, `no SHA-256 of ${name}`);
  },
  SHA256SUMS: (text, name) => lineFor(text, name),
  'dl.json': (text, name, place) => {
    const index = parseDlIndex(text) ?? unreadable(place, 'no index of go.dev/dl');
    const file = index.flatMap(({ files }) => files).find(({ filename }) => filename === name);
    return file?.sha256 === '' ? undefined : file?.sha256;
  },
};

/** `hash  name`, `hash *name`, `SHA256 (name) = hash`, the name with or without folders in front. */
function lineFor(text: string, name: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [, gnu, of] = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line) ?? [];
    const [, bsdOf, bsd] = /^SHA256 \((.+)\) = ([0-9a-f]{64})$/i.exec(line) ?? [];
    if (basename(of ?? bsdOf ?? '') === name) return (gnu ?? bsd)?.toLowerCase();
  }
  return undefined;
}

function unreadable(place: string, what: string): never {
  throw new GofleetError('invalid_file', `${place} has ${what}`, {
    remedy:
      'Download it again, or remove it: what nothing vouches for is then named as unverified.',
  });
}

function contradiction(name: string, one: PublishedHash, other: PublishedHash): GofleetError {
  return new GofleetError(
    'bundle_invalid',
    `two files say different things of ${name}: ${one.place} ${one.sha256}, ${other.place} ${other.sha256}`,
    { remedy: 'Download both again, and find out who has changed one of them.' },
  );
}
