/** A number of hosts, or a share of the hosts of a scope in hundredths of a percent (`"12.5%"` is 1250). */
export type Quantity = { count: number } | { basisPoints: number };

/** Reads `50` or `"25%"`; undefined when it is neither. */
export function parseQuantity(value: number | string): Quantity | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? { count: value } : undefined;
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?%$/.exec(value);
  if (!match) return undefined;
  const basisPoints = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return basisPoints <= 10_000 ? { basisPoints } : undefined;
}

/** The hosts that a quantity means, of `total`; percents round down, in integers. */
export function quantityOf(quantity: Quantity, total: number): number {
  return 'count' in quantity ? quantity.count : Math.floor((quantity.basisPoints * total) / 10_000);
}
