import { toInteger } from './yaml-scalar.ts';

/** Ansible tries JSON first, so `1e3` in JSON is a number. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A plain scalar of JSON. */
export function resolveJson(text: string): unknown {
  return /^-?\d+$/.test(text) ? toInteger(text) : JSON.parse(text);
}
