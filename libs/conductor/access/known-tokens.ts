import type { TokenRow } from '#ledger';

/** Tokens that were used lately: every request shows one. */
export interface KnownTokens {
  /** By the hash of its secret; read once where it is not known. */
  of(hash: string, read: () => Promise<TokenRow | undefined>): Promise<TokenRow | undefined>;
  /** Reads all anew, also those that are being read: called before and after one is changed. */
  forget(): void;
}

const KEPT = 1000;

export function createKnownTokens(): KnownTokens {
  const known = new Map<string, TokenRow>();
  let changes = 0;
  return {
    async of(hash, read) {
      const found = known.get(hash);
      if (found) return found;
      const before = changes;
      const row = await read();
      if (row && before === changes) known.set(hash, row);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      return row;
    },
    forget() {
      changes++;
      known.clear();
    },
  };
}
