/** Windows has these names for devices, whatever their ending (golang.org/x/mod/module). */
const DEVICES = /^(?:con|com[1-9]|nul|prn|aux|lpt[1-9])$/i;
/** Letters of all scripts, ASCII digits, and what neither shells nor other systems mind. */
const ALLOWED = /^[\p{L}0-9!#$%&()+,\-.=@[\]^_{}~ ]*$/u;

/** Why go takes no such name in a module zip (module.CheckFilePath); undefined where it does. */
export function filePathFault(path: string): string | undefined {
  if (path.startsWith('/')) return 'is absolute';
  for (const part of path.split('/')) {
    if (part === '') return 'has an empty part';
    if (/^\.+$/.test(part)) return `has the part ${part}`;
    if (part.endsWith('.')) return 'has a part that ends with a dot';
    if (!ALLOWED.test(part)) return 'has a character that go does not take';
    if (DEVICES.test(part.split('.', 1)[0] ?? '')) return 'has the name of a device of Windows';
  }
  return undefined;
}

/** Names that this makes equal are one name to file systems that pass over case (simple folding of Unicode). */
export function foldCase(path: string): string {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\x00-\x7f]*$/.test(path)) return path.toLowerCase();
  return Array.from(path, (letter) => single(single(letter, upper), lower)).join('');
}

const upper = (letter: string): string => letter.toUpperCase();
const lower = (letter: string): string => letter.toLowerCase();

/** Simple folding never makes two letters of one. */
function single(letter: string, fold: (letter: string) => string): string {
  const folded = fold(letter);
  return Array.from(folded).length === 1 ? folded : letter;
}
