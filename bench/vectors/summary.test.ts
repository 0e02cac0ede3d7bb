import { expect, test } from 'vitest';
import type { VectorContenderName } from './contender.ts';
import type { Measurement } from './measure.ts';
import { SEARCH_SETS } from './search-set.ts';
import { vectorRows } from './summary.ts';

function measured(
  contender: VectorContenderName,
  rounds: readonly (readonly number[])[],
  cell: Partial<Measurement> = {},
): Measurement {
  const tally = { rounds, recalls: [1, 0.5], firstRecalls: [0.25], short: 2, unsorted: 1 };
  return {
    ...{ data: 'synthetic', mode: 'direct', set: SEARCH_SETS[0]!, limit: 10 },
    ...{ contender, plan: 'hnsw', tally },
    ...cell,
  };
}

test('ratios are taken within each round, of its medians, before their median is taken', () => {
  const ours = measured('balanced', [[2, 2, 90], [30], [5]]);
  const plain = measured('plain pgvector', [[1, 1, 1], [10], [10]]);
  const [row] = vectorRows([ours, plain]);
  expect(row!.timesPlain).toBe(2);
  expect(row!.timesExact).toBeUndefined();
});

test('percentiles are over the calls of all rounds, recall is a mean', () => {
  const [row] = vectorRows([
    measured('exact', [
      [1, 2],
      [3, 4, 50],
    ]),
  ]);
  expect(row).toMatchObject({ p50Ms: 3, p95Ms: 50, recall: 0.75, firstRecall: 0.25, calls: 5, runs: 2 });
  expect(row).toMatchObject({ short: 2, unsorted: 1, selectivity: '1', layout: 'scattered', timesExact: 1 });
});

test('a contender is compared only in its own cell', () => {
  const others: readonly Partial<Measurement>[] = [
    { mode: 'transaction' },
    { data: 'words' },
    { limit: 100 },
    { set: SEARCH_SETS[1]! },
  ];
  for (const other of others) {
    const [row] = vectorRows([measured('balanced', [[1]]), measured('exact', [[1]], other)]);
    expect(row!.timesExact).toBeUndefined();
  }
});
