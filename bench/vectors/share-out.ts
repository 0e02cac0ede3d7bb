import { seededRandom } from '../../src/bench/seeded-random.ts';
import { shuffled } from '../draws.ts';
import { OTHER_OWNERS, OWNERS, type QuerySource } from './search-set.ts';
import { nearestTo, type VectorSet } from './vector-set.ts';

/** Which vectors become rows of whom, and which are held back as queries. */
export interface Shares {
  /** Index of the vector of each row, in the order of the ids, which begin at 1. */
  readonly rows: readonly number[];
  /** `sub` of the owner of each row. */
  readonly owners: readonly string[];
  /** Indexes of vectors that no row has. */
  readonly queries: Readonly<Record<QuerySource, readonly number[]>>;
}

export interface ShareOptions {
  readonly rows: number;
  /** Query vectors of each source. */
  readonly queries: number;
  readonly seed: number;
}

/** Vectors that are needed for so many rows and queries. */
export function vectorsNeeded({ rows, queries }: Pick<ShareOptions, 'rows' | 'queries'>): number {
  return rows + 3 * queries;
}

/** A clustered owner has about half of the rows of a region, so that a neighbour is as likely a stranger's. */
const REGION_OF_SHARE = 2;

/** Gives the vectors to owners and queries. Each vector is used once. */
export function shareOut(set: VectorSet, { rows, queries, seed }: ShareOptions): Shares {
  const random = seededRandom(seed);
  const order = shuffled(
    Array.from({ length: set.count }, (_, index) => index),
    random,
  );
  const ownerOf = new Array<string | undefined>(set.count);
  const held = new Set<number>();
  const free = (index: number) => ownerOf[index] === undefined && !held.has(index);
  const draw = (from: readonly number[], count: number) =>
    shuffled(from.filter(free), random).slice(0, count);
  const hold = (from: readonly number[]) => {
    const drawn = draw(from, queries);
    for (const index of drawn) held.add(index);
    return drawn;
  };
  const give = (sub: string, from: readonly number[], count: number) => {
    for (const index of draw(from, count)) ownerOf[index] = sub;
  };

  const [one, ten] = [Math.round(rows / 100), Math.round(rows / 10)];
  // Held back first, so that the queries are as dense everywhere as the vectors. The regions have room for what that takes.
  const everywhere = hold(order);
  const region1 = nearestTo(set, order[0]!, REGION_OF_SHARE * one + 2 * queries);
  const near1 = hold(region1);
  give(OWNERS.clustered1.sub, region1, one);
  const region10 = nearestTo(set, order[1]!, REGION_OF_SHARE * ten + one + 3 * queries);
  const near10 = hold(region10);
  give(OWNERS.clustered10.sub, region10, ten);
  give(OWNERS.scattered1.sub, order, one);
  give(OWNERS.scattered10.sub, order, ten);

  const kept = order.filter((index) => !held.has(index));
  const owners = kept.map((index, at) => ownerOf[index] ?? OTHER_OWNERS[at % OTHER_OWNERS.length]!.sub);
  return { rows: kept, owners, queries: { everywhere, 'near-1': near1, 'near-10': near10 } };
}
