import { expect, test } from 'vitest';
import { PEOPLE } from '../notes.ts';
import type { FoundRow, VectorContender, VectorContenderName } from './contender.ts';
import { type MeasuredCell, measureCells, queriesOfRound } from './measure.ts';
import { SEARCH_SETS } from './search-set.ts';
import type { Query } from './truth.ts';

const target = { url: '', mode: 'direct', connections: 1 } as const;

function queries(count: number): readonly Query[] {
  return Array.from({ length: count }, (_, at) => ({
    vector: [at],
    truth: { ids: [1], distances: [0] },
  }));
}

/** Writes down who was asked for what: `exact 1 % scattered 3` is its third query. */
function scene(fails = false) {
  const calls: string[] = [];
  const contender = (name: VectorContenderName): VectorContender => ({
    name,
    recipe: '',
    open: async () => ({
      search: async ({ person, vector }): Promise<FoundRow[]> => {
        if (fails) throw new Error('gone');
        calls.push(`${name} ${PEOPLE.indexOf(person)} ${vector[0]}`);
        return [{ id: '1', owner: person.sub, similarity: 1 }];
      },
      plan: async () => 'hnsw',
      close: async () => void calls.push(`${name} closed`),
    }),
  });
  const [first, second] = SEARCH_SETS;
  const cells: readonly MeasuredCell[] = [first!, second!].map((set) => ({
    cell: { data: 'synthetic', mode: 'direct', set, limit: 10 },
    queries: queries(5),
  }));
  const measure = () =>
    measureCells(target, cells, [contender('balanced'), contender('exact')], {
      rounds: 2,
      firstCalls: 1,
      onProgress: () => {},
    });
  return { calls, measure };
}

test('in each round each cell has its turn, and in it each contender with the same queries, each first in its turn', async () => {
  const { calls, measure } = scene();
  await measure();
  const turns = calls.slice(4).filter((_, at) => at % 2 === 0);
  expect(turns).toEqual([
    ...['balanced 0 1', 'exact 0 1', 'exact 2 1', 'balanced 2 1'],
    ...['balanced 2 3', 'exact 2 3', 'exact 0 3', 'balanced 0 3'],
    'balanced closed',
  ]);
});

test('the first calls have queries of their own and are not timed', async () => {
  const { calls, measure } = scene();
  const results = await measure();
  expect(calls.slice(0, 4)).toEqual(['balanced 0 0', 'exact 0 0', 'exact 2 0', 'balanced 2 0']);
  expect(results).toHaveLength(4);
  for (const { tally, plan } of results) {
    expect(tally.firstRecalls).toEqual([1]);
    expect(tally.rounds.map(({ length }) => length)).toEqual([2, 2]);
    expect(plan).toBe('hnsw');
  }
});

test('an error says whose and where, and all connections are closed', async () => {
  const { calls, measure } = scene(true);
  await expect(measure()).rejects.toThrow('balanced failed in synthetic, direct, 1 % scattered, limit 10.');
  expect(calls).toEqual(['balanced closed', 'exact closed']);
});

test('the rounds share the queries, none is left out and none is used twice', () => {
  const shares = [0, 1, 2].map((round) => queriesOfRound([1, 2, 3, 4, 5, 6, 7], round, 3));
  expect(shares.flat()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(shares.every(({ length }) => length >= 2)).toBe(true);
});
