/** A value that stays encrypted until somebody has the password: `!vault` in YAML. */
export interface VaultValue {
  __ansible_vault: string;
}

/** Text that Ansible must not template: `!unsafe` in YAML. Listed as Ansible lists it. */
export interface UnsafeValue {
  __ansible_unsafe: string;
}

/** The value as plain JSON: `!unsafe` becomes its text, integers over 2^53 their digits. */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (isUnsafe(value)) return value.__ansible_unsafe;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]));
}

/** Whether a Vault value is anywhere inside. */
export function hasVault(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (isVault(value)) return true;
  return Object.values(value).some(hasVault);
}

export function isVault(value: unknown): value is VaultValue {
  return typeof value === 'object' && value !== null && '__ansible_vault' in value;
}

function isUnsafe(value: object): value is UnsafeValue {
  return '__ansible_unsafe' in value && typeof value.__ansible_unsafe === 'string';
}
