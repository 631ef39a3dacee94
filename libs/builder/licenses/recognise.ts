import type { KnownText } from './known.ts';
import { coveredWords, rowsOf, wordsOf } from './words.ts';

/** What SPDX calls a licence that cannot be told. */
export const NOASSERTION = 'NOASSERTION';

/** The share of a licence's rows that has to be there: names of holders within its text are everybody's own. */
const ENOUGH = 0.85;
/** Rows of a licence that are looked at before all are. */
const PROBES = 24;
/** Words that no licence accounts for, beside titles and names, before there may be terms of their own. */
const MOST_OTHER = 100;

/**
 * The licences whose texts a file holds, sorted; also `NOASSERTION` where there is more than they account for. The best
 * match is taken first, then the best in what it leaves, so that a licence is not taken for one that it contains.
 */
export function recognise(text: string, known: readonly KnownText[]): string[] {
  const words = wordsOf(text);
  const rows = rowsOf(words);
  const open = new Set(rows);
  const taken = new Set<number>();
  const found = new Set<string>();
  for (;;) {
    const best = bestMatch(open, known);
    if (!best) break;
    found.add(best.id);
    for (const row of best.rows) if (open.delete(row)) taken.add(row);
  }
  const other = coveredWords(rows, taken).filter((covered) => covered === 0).length;
  if (found.size === 0 || Math.min(other, words.length) > MOST_OTHER) found.add(NOASSERTION);
  return [...found].sort();
}

/** The one with the most rows there, less those that are not. Of equals the first: `GPL-2.0-only` before `-or-later`. */
function bestMatch(open: ReadonlySet<number>, known: readonly KnownText[]): KnownText | undefined {
  let best: KnownText | undefined;
  let most = 0;
  for (const each of known) {
    if (!mayMatch(each.rows, open)) continue;
    const there = each.rows.reduce((count, row) => count + Number(open.has(row)), 0);
    const score = 2 * there - each.rows.length;
    if (there >= ENOUGH * each.rows.length && score > most) [best, most] = [each, score];
  }
  return best;
}

function mayMatch(rows: Uint32Array, open: ReadonlySet<number>): boolean {
  const step = Math.max(1, Math.floor(rows.length / PROBES));
  let [probes, there] = [0, 0];
  for (let at = 0; at < rows.length; at += step, probes += 1)
    there += Number(open.has(rows[at] ?? 0));
  return there >= probes / 2;
}
