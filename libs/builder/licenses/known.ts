import { rowsOf, wordsOf } from './words.ts';

/** A text that stands for a licence: the whole of it, or the notice that says that it applies. */
export interface KnownText {
  /** As in SPDX. */
  id: string;
  /** Each once: what a long text says again and again does not count for more. */
  rows: Uint32Array;
}

/** All licences of SPDX, sorted by identifier. Loads 4 MB, so only when a build has something to compare. */
export async function knownTexts(): Promise<KnownText[]> {
  const { default: list } = await import('spdx-license-list/full.js');
  const textOf = (id: string): string => list[id]?.licenseText ?? '';
  const whole = Object.keys(list)
    .filter((id) => !isDeprecated(id, list))
    .map((id) => ({ id, text: textOf(id) }));
  const others = FORMS.map(({ id, form }) => ({ id, text: form(textOf(id)) }));
  return [...whole, ...others]
    .map(({ id, text }) => ({ id, rows: Uint32Array.from(new Set(rowsOf(wordsOf(text)))) }))
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => Number(a.id > b.id) - Number(a.id < b.id));
}

/** `GPL-2.0` and `GPL-2.0+` have made way for `GPL-2.0-only` and `GPL-2.0-or-later`. */
function isDeprecated(id: string, list: object): boolean {
  return id.endsWith('+') || `${id}-only` in list || `${id}-or-later` in list;
}

/** Other forms that licences are often found in. */
const FORMS: { id: string; form: (text: string) => string }[] = [
  // without the appendix that says how to apply it
  { id: 'Apache-2.0', form: (text) => text.replace(/END OF TERMS AND CONDITIONS[^]*$/, '') },
  // the notice of that appendix alone, where it is said which files are under it
  {
    id: 'Apache-2.0',
    form: (text) => text.slice(text.lastIndexOf('Licensed under the Apache License')),
  },
  // as it is for all who are not the ISC
  { id: 'ISC', form: (text) => text.replaceAll(/\bISC (?=DISCLAIMS|BE)/g, 'THE AUTHOR ') },
];
