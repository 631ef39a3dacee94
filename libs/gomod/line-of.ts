import { readDirectives } from './go-mod-lines.ts';

/** The line of a go.mod or go.work that has a directive, be it in a block; undefined where none has. Throws `invalid_file`. */
export function lineOf(
  text: string,
  name: string,
  verb: string,
  first?: string,
): number | undefined {
  return readDirectives(text, name).find(
    (each) => each.verb === verb && (first === undefined || each.words[0] === first),
  )?.line;
}
