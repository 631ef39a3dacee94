/**
 * Whether a module path is named by a list such as GOPRIVATE: patterns of path.Match with commas between them, each for
 * as many elements at the beginning as it has itself (golang.org/x/mod/module.MatchPrefixPatterns).
 */
export function matchesPrefix(patterns: string, path: string): boolean {
  const elements = path.split('/');
  return patterns
    .split(',')
    .map((pattern) => pattern.replace(/\/$/, ''))
    .filter((pattern) => pattern !== '')
    .some((pattern) => {
      const count = pattern.split('/').length;
      return count <= elements.length && globMatches(pattern, elements.slice(0, count).join('/'));
    });
}

/** path.Match; what is no pattern matches nothing. */
function globMatches(pattern: string, name: string): boolean {
  const tokens = pattern.match(/\\[\s\S]|\[\^?(?:\\[\s\S]|[^\]\\])+\]|[^\\[]/gu);
  if (!tokens || tokens.join('') !== pattern) return false;
  try {
    return new RegExp(`^${tokens.map(tokenSource).join('')}$`, 'u').test(name);
  } catch {
    return false;
  }
}

function tokenSource(token: string): string {
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (token.startsWith('[')) return `(?!/)${classSource(token)}`;
  return RegExp.escape(token.startsWith('\\') ? token.slice(1) : token);
}

/** Ranges stay as they are; everything else in a class stands for itself. */
function classSource(token: string): string {
  const negated = token.startsWith('[^');
  const members = token.slice(negated ? 2 : 1, -1).match(/\\[\s\S]|[\s\S]/gu) ?? [];
  const written = members.map((each, index) => {
    const isRange = each === '-' && index > 0 && index < members.length - 1;
    return isRange
      ? '-'
      : RegExp.escape(each.startsWith('\\') && each.length > 1 ? each.slice(1) : each);
  });
  return `[${negated ? '^' : ''}${written.join('')}]`;
}
