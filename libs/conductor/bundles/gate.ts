/** Many use bundles at once; whoever takes some away is alone meanwhile. */
export interface Gate {
  /** Imports bundles, or makes something that needs one. */
  use<T>(run: () => Promise<T>): Promise<T>;
  /** Looks what nobody needs, and removes it. Never within `use`. */
  alone<T>(run: () => Promise<T>): Promise<T>;
}

/** First come, first served: nobody waits for one who came later. */
export function createGate(): Gate {
  let last: Promise<unknown> = Promise.resolve();
  const users = new Set<Promise<unknown>>();
  return {
    use(run) {
      const turn = last.then(run);
      const ended = turn.catch(() => undefined);
      users.add(ended);
      void ended.then(() => users.delete(ended));
      return turn;
    },
    alone(run) {
      const turn = Promise.all([last, ...users]).then(run);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
