/** Milliseconds. */
export type Milliseconds = number;

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(?:\d+(?:ms|s|m|h|d))+$/;

/** Reads `30s`, `5m`, `2h`, `1h30m`; undefined when it is no duration. */
export function parseDuration(text: string): Milliseconds | undefined {
  if (!PATTERN.test(text)) return undefined;
  const parts = text.matchAll(/(\d+)(ms|s|m|h|d)/g);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** Writes the shortest exact form: `90s` becomes `1m30s`. */
export function formatDuration(duration: Milliseconds): string {
  if (duration === 0) return '0s';
  let rest = Math.round(duration);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNITS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
