import { GofleetError } from '#errors';
import { closest } from 'fastest-levenshtein';
import known from 'spdx-license-list/simple.js';

/** What the builder writes where SPDX has no identifier to give. */
const OTHERS = ['NOASSERTION', 'NONE'];

/**
 * Reads what must not be there: SPDX identifiers in any case, `*` for any characters. `GPL-2.0` means that text whether
 * only or later versions apply. Throws `usage` for what is no identifier: it would forbid nothing.
 */
export function readForbidden(patterns: readonly string[]): (license: string) => boolean {
  const expressions = patterns.map((pattern) => {
    if (!pattern.includes('*')) assertKnown(pattern);
    const parts = pattern.replace(/\+$/, '-or-later').split('*');
    const source = parts.map((part) => RegExp.escape(part)).join('.*');
    return new RegExp(`^${source}(?:-only|-or-later)?$`, 'i');
  });
  return (license) => expressions.some((expression) => expression.test(license));
}

function assertKnown(id: string): void {
  const all = [...known, ...OTHERS];
  if (all.some((each) => each.toLowerCase() === id.toLowerCase())) return;
  const [letters = id] = /^[a-z]+/i.exec(id) ?? [];
  const family = all.filter((each) => each.toLowerCase().startsWith(letters.toLowerCase()));
  throw new GofleetError('usage', `${JSON.stringify(id)} is no SPDX licence identifier`, {
    remedy: `Did you mean ${closest(id.toUpperCase(), family.length > 0 ? family : all)}? See https://spdx.org/licenses/; with * it means several: GPL-*.`,
  });
}
