import { createHash } from 'node:crypto';

/** Numbers that look random and are always the same for one seed. */
export interface Random {
  /** From 0, below 1. */
  next(): number;
  /** True in this share of all cases. */
  chance(share: number): boolean;
  /** A whole number; both ends may come. */
  integer(least: number, most: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** Log-normal: half of all are below `p50`, nine of ten below `p90`. */
  duration(of: { p50: number; p90: number }): number;
  /** A series of its own, which nothing that is drawn elsewhere moves. */
  fork(label: string): Random;
}

/** How many standard deviations the 90th percentile is above the mean. */
const Z90 = 1.2816;

export function createRandom(seed: string | number): Random {
  const next = sfc32(createHash('sha256').update(String(seed)).digest());
  const random: Random = {
    next,
    chance: (share) => next() < share,
    integer: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick(list) {
      const [found] = list.slice(Math.floor(next() * list.length));
      if (found === undefined && list.length === 0) throw new RangeError('nothing to pick from');
      return found as (typeof list)[number];
    },
    duration({ p50, p90 }) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      const sigma = p50 > 0 ? Math.log(Math.max(1, p90 / p50)) / Z90 : 0;
      return Math.round(p50 * Math.exp(sigma * normal));
    },
    fork: (label) => createRandom(`${seed}/${label}`),
  };
  return random;
}

/** Chris Doty-Humphrey's small fast counter, public domain (PractRand). */
function sfc32(seed: Buffer): () => number {
  let a = seed.readUInt32LE(0);
  let b = seed.readUInt32LE(4);
  let c = seed.readUInt32LE(8);
  let counter = 1;
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
