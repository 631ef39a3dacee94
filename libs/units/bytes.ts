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
