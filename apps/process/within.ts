/** Waits for something, but no longer than that many milliseconds; leaves no timer behind. */
export async function within(limit: number, wanted: PromiseLike<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limit);
  try {
    await Promise.race([wanted, late]);
  } finally {
    clearTimeout(timer);
  }
}
