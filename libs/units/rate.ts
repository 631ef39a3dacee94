/** Bytes a second. */
export type BytesPerSecond = number;

const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** Reads `500kB/s`, `200MB/s`, `1.5GB/s`, in steps of 1000; undefined when it is no rate above 0. */
export function parseRate(text: string): BytesPerSecond | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB)\/s$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const rate = Math.floor(Number(count) * (UNITS[unit] ?? 1));
  return rate > 0 ? rate : undefined;
}
