/** A shell pattern (`*`, `?`, `[seq]`, `[!seq]`) as an expression for the whole name, case-sensitive. */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob.charAt(at);
    const set = char === '[' ? /^\[(!?)(\][^\]]*|[^\]]+)\]/.exec(glob.slice(at)) : undefined;
    if (set) {
      const members = (set[2] ?? '').replaceAll(/[\\[\]^]/g, String.raw`\$&`);
      source += `[${set[1] ? '^' : ''}${members}]`;
      at += set[0].length - 1;
    } else if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else source += char.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  }
  return new RegExp(`^(?:${source})$`, 's');
}

/** A Python expression for the beginning of a name; undefined when it is none. */
export function pythonToRegExp(source: string): RegExp | undefined {
  const [whole = '', flags = ''] = /^\(\?([aimsux]+)\)/.exec(source) ?? [];
  const body = source
    .slice(whole.length)
    .replaceAll(/\(\?P</g, '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, String.raw`\k<$1>`)
    .replaceAll(String.raw`\A`, '^')
    .replaceAll(String.raw`\Z`, '$');
  try {
    return new RegExp(`^(?:${body})`, flags.replaceAll(/[aux]/g, ''));
  } catch {
    return undefined;
  }
}
