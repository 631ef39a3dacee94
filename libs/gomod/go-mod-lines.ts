import { GofleetError } from '#errors';

/** One directive, be it on a line of its own or in a block. */
export interface Directive {
  verb: string;
  words: string[];
  line: number;
  /** Text of the comment at the end of the line. */
  comment: string;
}

/** A quoted string, a comment, an arrow, or a word. */
const TOKEN = /\s*(?:\/\/(.*)|"((?:[^"\\]|\\.)*)"|`([^`]*)`|(=>|[()[\],])|([^\s()[\],"`]+))/y;

/** Cuts a go.mod into directives, with blocks opened out. Throws `invalid_file`. */
export function readDirectives(text: string, name: string): Directive[] {
  const directives: Directive[] = [];
  let block: string | undefined;
  for (const [index, row] of text.split('\n').entries()) {
    const line = index + 1;
    const { words, comment } = tokens(row, name, line);
    const [verb = '', open] = words;
    if (words.length === 0) continue;
    if (block !== undefined && verb === ')') block = undefined;
    else if (block !== undefined) directives.push({ verb: block, words, line, comment });
    else if (open === '(' && words.length === 2) block = verb;
    else if (open !== '(' || words.at(-1) !== ')')
      directives.push({ verb, words: words.slice(1), line, comment });
  }
  if (block !== undefined) throw unreadable(name, text.split('\n').length, `${block} ( never ends`);
  return directives;
}

function tokens(row: string, name: string, line: number): { words: string[]; comment: string } {
  const words: string[] = [];
  const rest = row.trimEnd();
  let at = 0;
  while (at < rest.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(rest);
    if (!match)
      throw unreadable(name, line, `cannot be read from ${JSON.stringify(rest.slice(at))}`);
    const [, comment, quoted, raw, mark, word] = match;
    if (comment !== undefined) return { words, comment: comment.trim() };
    words.push(quoted?.replaceAll(/\\(.)/g, '$1') ?? raw ?? mark ?? word ?? '');
    at = TOKEN.lastIndex;
  }
  return { words, comment: '' };
}

function unreadable(name: string, line: number, message: string): GofleetError {
  return new GofleetError('invalid_file', `${name} line ${line}: ${message}`, {
    remedy: 'Correct it; `go mod edit -fmt` names what go does not understand.',
    errors: [{ path: '', line, message }],
  });
}
