import { seededRandom } from '../../src/bench/seeded-random.ts';
import { gaussian } from '../draws.ts';
import { normalize, type VectorSet, vectorAt } from './vector-set.ts';

export interface ClusterOptions {
  readonly count: number;
  readonly dimensions: number;
  readonly seed: number;
}

/** Vectors of a cluster, on average. Their numbers differ: the n-th largest has 1/√n as many as the first. */
const MEAN_SIZE = 500;
/**
 * How far a vector lies from the middle of its cluster, where the middles lie 1 from the origin. Two vectors of a cluster
 * then have a cosine of 0.6 on average, and two of different clusters one of 0 ± 0.2: neighbouring clusters overlap.
 */
const SPREAD = 0.8;

/**
 * Gaussian clusters on the unit sphere. The n-th axis has 1/n of the variance of the first, as the main axes of real
 * embeddings do: with the same variance on all of them, all vectors of a cluster would be equally far from each other.
 */
export function clusteredVectors({ count, dimensions, seed }: ClusterOptions): VectorSet {
  const random = seededRandom(seed);
  const normal = gaussian(random);
  const scales = Float64Array.from({ length: dimensions }, (_, axis) => 1 / Math.sqrt(axis + 1));
  const middles = Array.from({ length: Math.max(10, Math.round(count / MEAN_SIZE)) }, () =>
    scales.map((scale) => scale * normal()),
  );
  const upTo = cumulated(middles.length);
  const set: VectorSet = {
    dimensions,
    count,
    values: new Float32Array(count * dimensions),
    contentOf: (index) => `document ${index}`,
  };
  for (let index = 0; index < count; index++) {
    const at = random();
    const middle = middles[upTo.findIndex((share) => at < share)] ?? middles.at(-1)!;
    const vector = vectorAt(set, index);
    for (let axis = 0; axis < dimensions; axis++) {
      vector[axis] = middle[axis]! + SPREAD * scales[axis]! * normal();
    }
    normalize(vector);
  }
  return set;
}

/** The share of all vectors that the clusters from the first to each have together. */
function cumulated(clusters: number): readonly number[] {
  const sizes = Array.from({ length: clusters }, (_, rank) => 1 / Math.sqrt(rank + 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let sum = 0;
  return sizes.map((size) => {
    sum += size / total;
    return sum;
  });
}
