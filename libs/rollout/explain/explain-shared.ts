/** How many of some hosts have a trait, of those of whom it is known. */
export interface Share {
  having: number;
  of: number;
}

/** A trait that tells failing hosts from the others. */
export interface SharedTrait {
  trait: string;
  value: string;
  failing: Share;
  others: Share;
}

/** At least so many of the failing hosts have it: a trait of some of them explains nothing. */
const MOST_FAILING = 0.8;
/** It is at least this much more frequent among the failing hosts, so that it says something of them. */
const APART = 0.5;
/** One host alone shares nothing with another. */
const FEWEST = 2;

/**
 * Of all traits those that say something, the best first: what nearly all failing hosts have and the others mostly have
 * not. The measure is the difference of the two shares, nothing finer: it has to be understood at night.
 */
export function sharedTraits(traits: Iterable<SharedTrait>, most = 5): SharedTrait[] {
  return [...traits]
    .filter(saysSomething)
    .toSorted((a, b) => apart(b) - apart(a) || b.failing.having - a.failing.having || order(a, b))
    .slice(0, most);
}

function saysSomething(found: SharedTrait): boolean {
  const { failing, others } = found;
  return (
    failing.having >= FEWEST &&
    others.of > 0 &&
    part(failing) >= MOST_FAILING &&
    apart(found) >= APART
  );
}

function apart({ failing, others }: SharedTrait): number {
  return part(failing) - part(others);
}

function part({ having, of }: Share): number {
  return of === 0 ? 0 : having / of;
}

function order(a: SharedTrait, b: SharedTrait): number {
  return a.trait < b.trait ? -1 : a.trait > b.trait ? 1 : 0;
}

/** `all 9 failing hosts have rack=r7; 2 % of the others do (4 of 200)` */
export function explainShared({ trait, value, failing, others }: SharedTrait): string {
  const all = failing.having === failing.of;
  const who = all ? `all ${failing.of}` : `${failing.having} of ${failing.of}`;
  const rest =
    others.having === 0
      ? `none of the ${others.of} others does`
      : `${percent(others)} % of the others do (${others.having} of ${others.of})`;
  return `${who} failing ${failing.of === 1 ? 'host' : 'hosts'} have ${trait}=${value}; ${rest}`;
}

/** Never 0 where there is one, never 100 where one is missing. */
function percent(share: Share): number {
  const exact = part(share) * 100;
  return Math.min(Math.max(Math.round(exact), 1), share.having < share.of ? 99 : 100);
}
