import { GofleetError } from '#errors';
import { readDirectives } from './go-mod-lines.ts';
import { replacement, type Replacement } from './go-mod.ts';

/** What a go.work says: https://go.dev/ref/mod#go-work-file */
export interface GoWork {
  /** The `go` line. */
  go: string | undefined;
  toolchain: string | undefined;
  /** Folders of the members, as written, from that of the go.work. */
  use: { folder: string; line: number }[];
  /** They go before those of the members. */
  replace: Replacement[];
}

/** Parses a go.work. Throws `invalid_file` with the line. */
export function parseGoWork(text: string, name = 'go.work'): GoWork {
  const work: GoWork = { go: undefined, toolchain: undefined, use: [], replace: [] };
  for (const directive of readDirectives(text, name)) {
    const { verb, words, line } = directive;
    const [first] = words;
    if (verb === 'replace') work.replace.push(replacement(directive, name));
    else if (verb === 'godebug') continue;
    else if (words.length !== 1 || first === undefined)
      throw wrong(name, line, `${verb} is not understood here`);
    else if (verb === 'use') work.use.push({ folder: first, line });
    else if (verb === 'go') work.go = first;
    else if (verb === 'toolchain') work.toolchain = first;
    else throw wrong(name, line, `unknown directive ${JSON.stringify(verb)}`);
  }
  return work;
}

function wrong(name: string, line: number, message: string): GofleetError {
  return new GofleetError('invalid_file', `${name} line ${line}: ${message}`, {
    remedy: 'Correct it; `go work edit -json` shows how go reads it.',
    errors: [{ path: '', line, message }],
  });
}
