import { compareBuild, valid } from 'semver';

/** Versions that go makes from commits (https://go.dev/ref/mod#pseudo-versions); lists leave them out. */
export function isPseudoVersion(version: string): boolean {
  return /^v\d+\.(?:0\.0-|\d+\.\d+-(?:[^+]*\.)?0\.)\d{14}-[A-Za-z0-9]{12}(?:\+\S+)?$/.test(version);
}

/** In the order of versions; what is no semantic version comes first, by its bytes. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [valid(a), valid(b)];
  if (left === null || right === null)
    return Number(left !== null) - Number(right !== null) || Number(a > b) - Number(a < b);
  return compareBuild(left, right) || Number(a > b) - Number(a < b);
}

/** What `@latest` means: the newest release, else the newest pre-release, else the newest commit. */
export function latestOf(versions: readonly string[]): string | undefined {
  const rank = (version: string): number =>
    isPseudoVersion(version) ? 0 : version.replace(/\+.*/, '').includes('-') ? 1 : 2;
  return [...versions].sort((a, b) => rank(a) - rank(b) || compareVersions(a, b)).at(-1);
}
