import { setImmediate as nextTick } from 'node:timers/promises';
import type { SharedTrait } from '#api';
import { explainShared, sharedTraits } from '#rollout';
import type { Engine } from '../engine.ts';
import { FACTS, loadTried, type TriedHost } from './traits.ts';

/** Groups of failures that are explained; those after them are small. */
const EXPLAINED = 20;
/** Failing hosts that are asked first which traits are worth counting. */
const SAMPLE = 500;
const PAGE = 500;

interface Group {
  signature: string;
  count: number;
}

/** Of each group of failures, what its hosts share that the others that were tried do not. */
export async function findShared(
  engine: Engine,
  rollout: string,
  groups: readonly Group[],
): Promise<Map<string, SharedTrait[]>> {
  const tallies: Tally[] = [];
  for (const { signature, count } of groups.slice(0, EXPLAINED)) {
    const tally = count > 1 && (await candidates(engine, rollout, signature));
    if (tally && tally.traits.size > 0) tallies.push(tally);
  }
  if (tallies.length === 0) return new Map();
  for await (const host of tried(engine, rollout)) for (const tally of tallies) add(tally, host);
  return new Map(tallies.map((tally) => [tally.signature, conclusion(tally)]));
}

interface Tally {
  signature: string;
  failing: Counted;
  others: Counted;
  /** By trait and value. */
  traits: Map<string, { trait: string; value: string; failing: number; others: number }>;
}

/** Hosts that were looked at, and those whose facts are known. */
interface Counted {
  all: number;
  known: number;
}

/** What at least half of the failing hosts have: only that can come out in the end, whatever there is besides. */
async function candidates(engine: Engine, rollout: string, signature: string): Promise<Tally> {
  const sample = await engine.ledger.read((queries) =>
    loadTried(queries, rollout, { after: -1, limit: SAMPLE, signature }),
  );
  const counts = new Map<string, { trait: string; value: string; hosts: number }>();
  for (const host of sample)
    for (const [key, [trait, value]] of traitsOf(host)) {
      const found = counts.get(key);
      counts.set(key, { trait, value, hosts: (found?.hosts ?? 0) + 1 });
    }
  const often = [...counts].filter(([, { hosts }]) => hosts > 1 && hosts * 2 >= sample.length);
  return {
    signature,
    failing: { all: 0, known: 0 },
    others: { all: 0, known: 0 },
    traits: new Map(
      often.map(([key, { trait, value }]) => [key, { trait, value, failing: 0, others: 0 }]),
    ),
  };
}

/** All hosts that were tried, a page at a time. */
async function* tried(engine: Engine, rollout: string): AsyncGenerator<TriedHost> {
  let after = -1;
  for (;;) {
    const page = await engine.ledger.read((queries) =>
      loadTried(queries, rollout, { after, limit: PAGE }),
    );
    yield* page;
    after = page.at(-1)?.number ?? after;
    if (page.length < PAGE) return;
    await nextTick();
  }
}

function add(tally: Tally, host: TriedHost): void {
  const side = host.signature === tally.signature ? 'failing' : 'others';
  tally[side].all++;
  if (host.known) tally[side].known++;
  for (const key of traitsOf(host).keys()) {
    const found = tally.traits.get(key);
    if (found) found[side]++;
  }
}

/** Each once, whatever says it. */
function traitsOf({ traits }: TriedHost): Map<string, [string, string]> {
  return new Map(traits.map(([trait, value]) => [`${trait}=${value}`, [trait, value]]));
}

const OF_FACTS = new Set(Object.values(FACTS));

function conclusion({ failing, others, traits }: Tally): SharedTrait[] {
  const found = [...traits.values()].map((each) => {
    const of = OF_FACTS.has(each.trait) ? ('known' as const) : ('all' as const);
    return {
      trait: each.trait,
      value: each.value,
      failing: { having: each.failing, of: failing.all },
      others: { having: each.others, of: Math.max(others[of], each.others) },
    };
  });
  return sharedTraits(found).map((each) => ({ ...each, explanation: explainShared(each) }));
}
