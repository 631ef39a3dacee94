/** Shell text as it stands in the source, with nothing put into it: backslashes stay, `\$\{` is `$\{`. */
export function text(source: TemplateStringsArray): string {
  return source.raw.join('').replaceAll(/\\(?=\$\{)/g, '');
}
