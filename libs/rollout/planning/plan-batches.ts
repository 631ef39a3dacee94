import { GofleetError } from '#errors';
import { quantityOf } from '#units';
import type { DomainShares } from '../rules/domains.ts';
import type { PlannedHost } from './duplicates.ts';
import { MOST_BATCHES, type BatchEntry } from './plan.ts';

/** Some hosts that make one batch, and the entry of the plan that it follows. */
export interface Cut {
  /** Its place in `strategy.batches`. */
  entry: number;
  /** Places in the list of hosts, in order. */
  places: number[];
  /** How many there would be if no domain had reached its share. */
  wanted: number;
}

export interface CutOptions {
  entries: readonly BatchEntry[];
  hosts: readonly PlannedHost[];
  /** Places of all hosts in their order. */
  order: readonly number[];
  shares: DomainShares;
  /** The hosts of a pattern. */
  matching: (pattern: string) => ReadonlySet<string>;
}

/**
 * Cuts the hosts into batches. Those that an entry names are taken out of the rest first, whatever the order; the last
 * entry repeats until no host is left. No batch has more hosts of a domain than its share: what does not fit comes in a
 * later batch, of the same entry where it names them. Throws `invalid_file`.
 */
export function cutBatches(options: CutOptions): Cut[] {
  const { entries, hosts } = options;
  const { named, rest } = takeNamed(options);
  const batches: Cut[] = [];
  for (let at = 0; at < entries.length || rest.left > 0; at++) {
    const entry = Math.min(at, entries.length - 1);
    const { size } = entries[entry] ?? {};
    if (size === undefined && at >= entries.length) throw leftOver(entry, rest.left);
    const pool = size === undefined ? named.get(entry) : rest;
    const most = size === undefined ? Infinity : Math.max(1, quantityOf(size, hosts.length));
    if (!pool) continue;
    while (pool.left > 0) {
      if (batches.length === MOST_BATCHES) throw tooManyBatches(hosts.length);
      const wanted = Math.min(most, pool.left);
      batches.push({ entry, wanted, places: pool.take(wanted) });
      if (pool === rest) break;
    }
  }
  return batches;
}

/** Of each entry with `hosts` those that it matches and none before it did; the others, in order. */
function takeNamed(options: CutOptions) {
  const { entries, hosts, order, matching } = options;
  const entryOf = new Map<string, number>();
  for (const [entry, { hosts: pattern }] of entries.entries()) {
    if (pattern === undefined) continue;
    const names = matching(pattern);
    const found = hosts.filter(({ name }) => names.has(name) && !entryOf.has(name));
    if (found.length === 0) throw matchesNothing(entry, pattern, hosts, names);
    for (const { name } of found) entryOf.set(name, entry);
  }
  const placesOf = Map.groupBy(order, (place) => entryOf.get(hosts[place]?.name ?? ''));
  const rest = createPool(placesOf.get(undefined) ?? [], options);
  const named = new Map(
    [...placesOf].map(([entry, places]) => [entry, createPool(places, options)]),
  );
  return { named, rest };
}

/** Places of hosts that are in no batch yet, in their order; the list is its own from here on. */
function createPool(places: number[], { hosts, shares }: CutOptions) {
  let at = 0;
  const left = new Map<string | undefined, number>();
  for (const place of places) count(left, domainOf(place), 1);

  /** The domain that limits a host; undefined where none does. */
  function domainOf(place: number): string | undefined {
    const domain = hosts[place]?.domain;
    return domain !== undefined && shares.has(domain) ? domain : undefined;
  }

  /** The first ones whose domain has not reached its share; those passed over stay in front. */
  function take(wanted: number): number[] {
    const taken: number[] = [];
    const passedOver: number[] = [];
    const used = new Map<string, number>();
    let open = left.size;
    for (; at < places.length && taken.length < wanted && open > 0; at++) {
      const place = places[at] ?? 0;
      const domain = domainOf(place);
      const share = domain === undefined ? Infinity : (shares.get(domain) ?? Infinity);
      const inBatch = domain === undefined ? 0 : count(used, domain, 1) - 1;
      if (inBatch >= share) {
        passedOver.push(place);
        continue;
      }
      taken.push(place);
      if (count(left, domain, -1) === 0) left.delete(domain);
      if (!left.has(domain) || inBatch + 1 === share) open -= 1;
    }
    at -= passedOver.length;
    for (const [index, place] of passedOver.entries()) places[at + index] = place;
    return taken;
  }

  return {
    get left() {
      return places.length - at;
    },
    take,
  };
}

function count<K>(tally: Map<K, number>, key: K, by: number): number {
  const sum = (tally.get(key) ?? 0) + by;
  tally.set(key, sum);
  return sum;
}

function matchesNothing(
  entry: number,
  pattern: string,
  hosts: readonly PlannedHost[],
  names: ReadonlySet<string>,
): GofleetError {
  const earlier = hosts.some(({ name }) => names.has(name));
  const message = earlier
    ? `every host that ${pattern} matches is in an entry before it`
    : `${pattern} matches none of the ${hosts.length} planned ${hosts.length === 1 ? 'host' : 'hosts'}`;
  return new GofleetError('invalid_file', message, {
    remedy: 'Correct the pattern, take the entry out, or widen `targets` or the limit.',
    errors: [{ path: `strategy.batches[${entry}].hosts`, message }],
  });
}

function leftOver(entry: number, hosts: number): GofleetError {
  const message = `${hosts} ${hosts === 1 ? 'host is' : 'hosts are'} left after the last batch, which names its hosts`;
  return new GofleetError('invalid_file', message, {
    remedy: 'Add an entry with `size` at the end: it repeats until no host is left.',
    errors: [{ path: `strategy.batches[${entry}]`, message }],
  });
}

function tooManyBatches(planned: number): GofleetError {
  const message = `${planned} hosts make more than ${MOST_BATCHES} batches`;
  return new GofleetError('invalid_file', message, {
    remedy:
      'Make the last batch larger, since it repeats until no host is left, or raise `maxPerDomain`.',
    errors: [{ path: 'strategy.batches', message }],
  });
}
