import { createHash } from 'node:crypto';

/**
 * Names what a rollout froze: plan, resolved operations, digest of the bundle, hosts with their connections and
 * pinned keys. Equal values give equal digests, whatever the order of their keys.
 */
export function planDigest(frozen: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(frozen)).digest('hex')}`;
}

/** JSON with sorted keys and no space; keys with the value undefined are left out (as in RFC 8785). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isPlain(inner) ? sorted(inner) : inner));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}
