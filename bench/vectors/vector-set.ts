/** Vectors of unit length in one block of memory, with a text for each. */
export interface VectorSet {
  readonly dimensions: number;
  readonly count: number;
  /** One vector after the other. */
  readonly values: Float32Array;
  contentOf(index: number): string;
}

export function vectorAt({ values, dimensions }: VectorSet, index: number): Float32Array {
  return values.subarray(index * dimensions, (index + 1) * dimensions);
}

/** Scales the vector to unit length, in place. Throws for one of zeros, which has no direction. */
export function normalize(vector: Float32Array): void {
  const length = Math.sqrt(product(vector, vector));
  if (length === 0) throw new RangeError('A vector of zeros has no direction.');
  for (let at = 0; at < vector.length; at++) vector[at] = vector[at]! / length;
}

/** Indexes of the `count` vectors nearest to that of `center`, itself among them, nearest first. */
export function nearestTo(set: VectorSet, center: number, count: number): number[] {
  const wanted = vectorAt(set, center);
  const similarities = Float64Array.from({ length: set.count }, (_, index) =>
    product(wanted, vectorAt(set, index)),
  );
  const indexes = Array.from({ length: set.count }, (_, index) => index);
  return indexes.sort((a, b) => similarities[b]! - similarities[a]!).slice(0, count);
}

function product(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < first.length; at++) sum += first[at]! * second[at]!;
  return sum;
}
