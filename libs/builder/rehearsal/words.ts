const LONGEST = 300;

/**
 * The one line of what go said that tells most, the same each time: with several faults go prints them in the order it
 * comes across them, so it is the first by file and line; else the first that is no headline.
 */
export function telling(said: string): string {
  const lines = said
    .replaceAll(/ (imports|tested by)\n\s*/g, ' $1 ')
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) => line !== '' && !/^#|^go: (?:downloading|finding|found|extracting) /.test(line),
    );
  const places = lines.filter((line) => /\.\w+:\d+/.test(line)).sort(byPlace);
  const line = places[0] ?? lines[0] ?? 'go said nothing';
  return line.replace(/^vet: /, '').slice(0, LONGEST);
}

/** Numbers in lines count as numbers: line 9 comes before line 10. */
function byPlace(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** What go says where a network, a proxy or the checksum database does not answer, and not what is asked for. */
export function isUnreachable(said: string): boolean {
  return /dial tcp|no such host|connection refused|connection reset|i\/o timeout|TLS handshake|proxyconnect|server misbehaving|network is unreachable|lookup disabled by GOPROXY=off|deadline exceeded/i.test(
    said,
  );
}
