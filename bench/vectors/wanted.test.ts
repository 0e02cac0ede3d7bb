import { expect, test } from 'vitest';
import type { VectorRow } from './summary.ts';
import { allKept, judgeSearches } from './wanted.ts';

const good: VectorRow = {
  bench: 'vectors',
  data: 'synthetic',
  mode: 'direct',
  selectivity: '10',
  layout: 'scattered',
  table: 'documents',
  limit: 10,
  contender: 'balanced',
  recall: 0.98,
  firstRecall: 0.9,
  p50Ms: 3,
  p95Ms: 4,
  short: 0,
  unsorted: 0,
  timesPlain: 3,
  timesExact: 20,
  plan: '',
  calls: 100,
  runs: 5,
};

const missed = (row: Partial<VectorRow>) =>
  judgeSearches([good, { ...good, ...row }])
    .filter(({ kept }) => !kept)
    .map(({ what }) => what);

test('what is as good as wanted is met', () => {
  const verdicts = judgeSearches([good]);
  expect(verdicts.map(({ what, wanted, cells }) => [what, wanted, cells[0]!.seen])).toEqual([
    ['recall of balanced', '≥ 0.98', '0.980'],
    ['answers of balanced with too few rows', '≤ 0', '0'],
    ['answers of balanced out of order', '≤ 0', '0'],
    ['time of balanced ÷ plain pgvector, at 10 and 100 %', '≤ 3', '3.00'],
  ]);
  expect(allKept(verdicts)).toBe(true);
});

test('each promise can be missed by itself, in one cell', () => {
  expect(missed({})).toEqual([]);
  expect(missed({ recall: 0.979 })).toEqual(['recall of balanced']);
  expect(missed({ short: 1 })).toEqual(['answers of balanced with too few rows']);
  expect(missed({ unsorted: 1 })).toEqual(['answers of balanced out of order']);
  expect(missed({ timesPlain: 3.01 })).toEqual(['time of balanced ÷ plain pgvector, at 10 and 100 %']);
  expect(missed({ selectivity: '1', timesPlain: 30, timesExact: 1.01 })).toEqual([
    'time of balanced ÷ exact with an index on the owner, at 1 %',
  ]);
});

test('less is wanted of fast, and nothing of what others do', () => {
  expect(missed({ contender: 'fast', recall: 0.95 })).toEqual([]);
  expect(missed({ contender: 'fast', recall: 0.949 })).toEqual(['recall of fast']);
  expect(missed({ contender: 'plain pgvector', recall: 0, short: 100 })).toEqual([]);
});

test('the worst cell comes first, with its place', () => {
  const worse = { ...good, mode: 'transaction', limit: 100, recall: 0.5 } as const;
  const [recall] = judgeSearches([good, worse]);
  expect(recall!.cells[0]).toEqual({
    where: 'synthetic, transaction, 10 % scattered, limit 100',
    seen: '0.500',
    kept: false,
  });
});

test('of a thousand rows the same recall is wanted', () => {
  expect(missed({ limit: 1_000, recall: 0.979 })).toEqual(['recall of balanced']);
});

test('a run that measured nothing of this has met nothing', () => {
  expect(allKept(judgeSearches([{ ...good, contender: 'exact' }]))).toBe(false);
});
