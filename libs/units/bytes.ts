const STEPS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Writes bytes for people, in steps of 1000: `70.3 MB`. */
export function formatBytes(bytes: number): string {
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < STEPS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 ? value : value.toFixed(1)} ${STEPS[step]}`;
}

const POWERS: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** Reads `4G`, `700MB` (steps of 1000) and `4GiB` (steps of 1024); undefined when it is no size above 0. */
export function parseBytes(text: string): number | undefined {
  const [, count, unit = '', binary] =
    /^(\d+(?:\.\d+)?) ?([kmgt]?)(i)?b?$/i.exec(text.trim()) ?? [];
  if (count === undefined || (binary && unit === '')) return undefined;
  const bytes = Math.floor(
    Number(count) * (binary ? 1024 : 1000) ** (POWERS[unit.toLowerCase()] ?? 0),
  );
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
