/** Writes upper-case letters as `!` and lower case: `github.com/Azure` is `github.com/!azure` in proxies and caches. */
export function escapePath(path: string): string {
  return path.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** The other way round. */
export function unescapePath(escaped: string): string {
  return escaped.replaceAll(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
