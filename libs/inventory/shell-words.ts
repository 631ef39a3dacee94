/** What ends the line too early, as a sentence without its place. */
export class UnbalancedLine extends Error {}

/**
 * Splits a line into words as a POSIX shell does (Python's shlex): quotes, backslashes, and `#` begins
 * a comment even inside a word. Throws `UnbalancedLine`.
 */
export function splitWords(line: string): string[] {
  if (!/['"\\#]/.test(line)) return line.split(/[ \t\r\n]+/).filter((word) => word !== '');
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '#') break;
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at);
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      at += 1;
      if (at >= line.length) throw new UnbalancedLine('nothing follows the backslash');
      word = (word ?? '') + line.charAt(at);
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Inside double quotes a backslash escapes only itself and the quote. */
function readQuoted(line: string, start: number): { text: string; end: number } {
  const quote = line.charAt(start);
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === quote) return { text, end: at };
    const next = line.charAt(at + 1);
    if (char === '\\' && quote === '"' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else {
      text += char;
    }
  }
  throw new UnbalancedLine(`the quote ${quote} is not closed`);
}
