import { expect, test } from 'vitest';
import { clusteredVectors } from './clusters.ts';
import { nearestTo, vectorAt } from './vector-set.ts';

const options = { count: 2_000, dimensions: 64, seed: 7 };

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

test('the same seed makes the same vectors, another one others', () => {
  const { values } = clusteredVectors(options);
  expect(clusteredVectors(options).values).toEqual(values);
  expect(clusteredVectors({ ...options, seed: 8 }).values).not.toEqual(values);
});

test('all vectors have unit length', () => {
  const set = clusteredVectors(options);
  for (let index = 0; index < set.count; index++) {
    const vector = vectorAt(set, index);
    expect(cosine(vector, vector)).toBeCloseTo(1, 5);
  }
});

test('a vector has near neighbours, which lie at different distances, and most vectors are far away', () => {
  const set = clusteredVectors(options);
  const similarities = nearestTo(set, 0, set.count).map((index) =>
    cosine(vectorAt(set, 0), vectorAt(set, index)),
  );
  expect(similarities[0]).toBeCloseTo(1, 5);
  expect(similarities[1]! - similarities[20]!).toBeGreaterThan(0.03);
  expect(similarities[10]).toBeGreaterThan(0.6);
  expect(similarities[1_000]).toBeLessThan(0.3);
});
