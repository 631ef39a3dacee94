/**
 * In the order of Go versions, `go` before them or not: 1.21 < 1.21rc1 < 1.21.0 < 1.21.5 < 1.22, as go itself has it
 * (https://go.dev/doc/toolchain#version); before 1.21 the language version and its first release are one.
 */
export function compareGo(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (const [index, part] of left.entries()) {
    const other = right[index] ?? 0;
    if (part !== other) return part - other;
  }
  return 0;
}

const STAGES = ['', 'beta', 'rc', '.'];

function parts(version: string): number[] {
  const [, major, minor, stage = '', patch] =
    /^(?:go)?(\d+)\.(\d+)(?:(\.|rc|beta)(\d+))?/.exec(version) ?? [];
  const numbers = [major, minor].map(Number);
  const isFirst = stage === '' && Number(minor) < 21;
  return [...numbers, STAGES.indexOf(isFirst ? '.' : stage), Number(patch ?? 0)];
}
