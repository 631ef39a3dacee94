/** How many words in a row are compared: fewer and other texts match by chance, more and a changed name hides too much. */
const ROW = 5;

/**
 * The words of a licence that stand for it: in lower case, without punctuation, numbers of clauses and lines that say
 * who holds the copyright, as the matching guidelines of SPDX mean it (https://spdx.github.io/spdx-spec, annex C).
 */
export function wordsOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => !NOTICE.test(line));
  return (
    lines
      .join('\n')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
    .filter((word) => !/^(?:\d{1,2}|\p{L}|i{2,3}|iv)$/u.test(word))
    .map((word) => SPELLINGS[word] ?? word);
}

/** Not a sentence that goes on with `copyright` after a line break: a year, a sign or a place for a name follows. */
const NOTICE =
  /^[^\p{L}\p{N}©]*(?:copyright\s*(?:\(c\)|©|[\d<[{]|by\b)|©|\(c\)\s*(?:copyright|\d)|all rights reserved\W*$)/iu;

const SPELLINGS: Record<string, string> = { licence: 'license', licences: 'licenses' };

/** A number for each row of words, in order: the same words give the same numbers. */
export function rowsOf(words: readonly string[]): Uint32Array {
  const hashes = words.map(hashOf);
  const rows = new Uint32Array(Math.max(0, words.length - ROW + 1));
  for (let at = 0; at < rows.length; at += 1)
    for (let next = at; next < at + ROW; next += 1)
      rows[at] = Math.imul((rows[at] ?? 0) ^ (hashes[next] ?? 0), 0x0100_0193) >>> 0;
  return rows;
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < word.length; at += 1)
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x0100_0193);
  return hash >>> 0;
}

/** Which of the words lie in a row that is among those that are known. */
export function coveredWords(rows: Uint32Array, among: ReadonlySet<number>): Uint8Array {
  const covered = new Uint8Array(rows.length + ROW - 1);
  for (const [at, row] of rows.entries()) if (among.has(row)) covered.fill(1, at, at + ROW);
  return covered;
}
