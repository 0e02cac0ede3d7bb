import { expect, test } from 'vitest';
import { clusteredVectors } from './clusters.ts';
import { OWNERS } from './search-set.ts';
import { shareOut, vectorsNeeded } from './share-out.ts';
import { vectorAt } from './vector-set.ts';

const options = { rows: 4_000, queries: 30, seed: 3 };
const set = clusteredVectors({ count: vectorsNeeded(options), dimensions: 32, seed: 5 });
const shares = shareOut(set, options);

function rowsOf(sub: string): readonly number[] {
  return shares.rows.filter((_, at) => shares.owners[at] === sub);
}

function cosine(a: number, b: number): number {
  const other = vectorAt(set, b);
  return vectorAt(set, a).reduce((sum, value, at) => sum + value * other[at]!, 0);
}

function meanCosine(some: readonly number[], others: readonly number[]): number {
  const all = some.flatMap((one) => others.map((other) => cosine(one, other)));
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

test('each vector is a row or a query, and only once', () => {
  const used = [...shares.rows, ...Object.values(shares.queries).flat()];
  expect(used).toHaveLength(set.count);
  expect(new Set(used).size).toBe(set.count);
  expect(shares.rows).toHaveLength(options.rows);
  expect(Object.values(shares.queries).map(({ length }) => length)).toEqual([30, 30, 30]);
});

test('owners have the shares that their names promise', () => {
  const counts = Object.values(OWNERS).map(({ sub }) => rowsOf(sub).length);
  expect(counts).toEqual([40, 400, 40, 400, 0]);
  const others = new Set(shares.owners).size - 4;
  expect(others).toBe(78);
});

test('clustered rows lie together, near their own queries and far from the others; scattered ones do not', () => {
  const clustered = rowsOf(OWNERS.clustered1.sub);
  const scattered = rowsOf(OWNERS.scattered1.sub);
  expect(meanCosine(clustered, clustered)).toBeGreaterThan(0.4);
  expect(meanCosine(clustered, shares.queries['near-1'])).toBeGreaterThan(0.4);
  expect(meanCosine(clustered, shares.queries.everywhere)).toBeLessThan(0.2);
  expect(meanCosine(scattered, scattered)).toBeLessThan(0.2);
});

test('the same seed shares out alike', () => {
  expect(shareOut(set, options)).toEqual(shares);
});
