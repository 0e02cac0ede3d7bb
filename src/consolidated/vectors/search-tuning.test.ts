import { describe, expect, it } from 'vitest';
import type { VectorIndex } from '../catalog/vector-index.ts';
import { fewRows, innerLimit, mayTry, mostNamed, searchSettings } from './search-tuning.ts';

const HNSW: VectorIndex = {
  method: 'hnsw',
  column: 'v',
  form: { kind: 'whole' },
  metric: 'cosine',
  isPartial: false,
  lists: undefined,
  oids: [1],
};
const IVFFLAT: VectorIndex = { ...HNSW, method: 'ivfflat', lists: 100 };
const LIMITS = [1, 2, 5, 10, 11, 50, 100, 500, 1_000, 10_000, 100_000];
const ROWS = [undefined, 0, 1, 100, 10_000, 1_000_000, 100_000_000];

type Tuned = Parameters<typeof searchSettings>[1];

function tuned(limit: number, changes: Partial<Tuned> = {}): Tuned {
  const { recall = 'balanced', indexes = [HNSW], rows = 100_000 } = changes;
  const inner = innerLimit(limit, recall === 'fast' ? 'fast' : 'balanced', indexes[0], rows);
  const known = {
    selectivity: undefined,
    hasFilters: true,
    isOpen: false,
    isFound: false,
    isTried: false,
    efSearch: undefined,
  };
  const few = fewRows(inner, rows);
  return { ...known, recall, limit, inner, few, indexes, rows, among: rows, ...changes };
}

function settings(limit: number, changes: Partial<Tuned> = {}): Record<string, string> {
  return Object.fromEntries(searchSettings('index', tuned(limit, changes)));
}

function expectGrowing(values: readonly number[]): void {
  expect(values).toEqual([...values].sort((a, b) => a - b));
}

describe('how much is done for a search', () => {
  it('grows with the limit', () => {
    for (const recall of ['fast', 'balanced'] as const) {
      expectGrowing(LIMITS.map((limit) => innerLimit(limit, recall, HNSW, 100_000)));
      expectGrowing(LIMITS.map((limit) => Number(settings(limit, { recall })['hnsw.ef_search'])));
      expectGrowing(LIMITS.map((limit) => mostNamed(tuned(limit, { recall }))));
      for (const rows of ROWS) expectGrowing(LIMITS.map((limit) => fewRows(limit, rows)));
    }
  });

  it('names at least as many candidates as rows are asked for, more by shorter vectors', () => {
    for (const limit of LIMITS) {
      expect(innerLimit(limit, 'fast', IVFFLAT, 100_000)).toBe(limit);
      expect(innerLimit(limit, 'balanced', undefined, 100_000)).toBe(2 * limit);
      expect(innerLimit(limit, 'balanced', IVFFLAT, 100_000)).toBe(2 * limit);
      for (const form of [
        { kind: 'binary', dimensions: 8 },
        { kind: 'subvector', start: 1, dimensions: 4 },
      ] as const) {
        expect(innerLimit(limit, 'fast', { ...HNSW, form }, 100_000)).toBe(4 * limit);
        expect(innerLimit(limit, 'balanced', { ...HNSW, form }, 100_000)).toBe(8 * limit);
      }
      const halfvec = { ...HNSW, form: { kind: 'halfvec', dimensions: 8 } } as const;
      expect(innerLimit(limit, 'fast', halfvec, 100_000)).toBe(innerLimit(limit, 'fast', HNSW, 100_000));
    }
  });

  it('names more by HNSW only where it has to go on for more than it can keep', () => {
    const times = (limit: number, rows: number | undefined, recall: 'fast' | 'balanced' = 'balanced') =>
      innerLimit(limit, recall, HNSW, rows) / limit;
    for (const rows of [undefined, 0, 1_000, 100_000]) expect(times(100, rows)).toBe(1);
    expect([1, 100, 1_000].map((limit) => times(limit, 100_000))).toEqual([1, 1, 2]);
    expect([1, 100, 1_000].map((limit) => times(limit, 100_000, 'fast'))).toEqual([1, 1, 1.25]);
    expect([1, 10, 100].map((limit) => times(limit, 1_000_000))).toEqual([1, 1, 2]);
    expect([1, 10].map((limit) => times(limit, 10_000_000))).toEqual([1, 2]);
  });

  it('takes more rows for few where an index holds their vectors, the more the smaller these are', () => {
    const times = (dimensions: number) => fewRows(10, 100_000, 4 * dimensions + 8) / fewRows(10, 100_000);
    expect([8, 100, 384, 600].map((dimensions) => Number(times(dimensions).toFixed(1)))).toEqual([
      2.2, 2.2, 1.4, 1.2,
    ]);
  });

  it('relies on half of what HNSW keeps', () => {
    for (const limit of LIMITS) {
      const kept = Number(settings(limit)['hnsw.ef_search']);
      expect(mostNamed(tuned(limit))).toBeGreaterThanOrEqual(kept / 2);
    }
  });

  it('lets HNSW go on only where it can keep too few in one turn', () => {
    const visited = (limit: number, changes: Partial<Tuned> = {}) =>
      Number(settings(limit, changes)['hnsw.max_scan_tuples']);
    for (const selectivity of [1, 0.5, 0.1]) {
      expect(visited(10, { selectivity })).toBe(mostNamed(tuned(10, { selectivity })));
    }
    for (const recall of ['fast', 'balanced'] as const) {
      const { inner } = tuned(1_000, { recall });
      expect(visited(1_000, { recall, selectivity: 1 })).toBe(20 * inner);
      // Then it would have to name more than it may.
      const rare = { recall, selectivity: 0.01 };
      expect(visited(1_000, rare)).toBe(mostNamed(tuned(1_000, rare)));
    }
  });

  it('stays in the bounds of pgvector', () => {
    for (const limit of LIMITS) {
      for (const rows of ROWS) {
        for (const selectivity of [undefined, 1, 0.01, 1e-9]) {
          for (const recall of ['fast', 'balanced'] as const) {
            const given = { recall, rows, selectivity };
            const hnsw = settings(limit, given);
            expect(Number(hnsw['hnsw.ef_search'])).toBeGreaterThanOrEqual(recall === 'fast' ? 100 : 200);
            expect(Number(hnsw['hnsw.ef_search'])).toBeLessThanOrEqual(1_000);
            expect(Number(hnsw['hnsw.max_scan_tuples'])).toBeGreaterThanOrEqual(limit);
            expect(Number(hnsw['hnsw.max_scan_tuples'])).toBeLessThan(2 ** 31);
            expect(Number.isInteger(Number(hnsw['hnsw.max_scan_tuples']))).toBe(true);
            const ivfflat = settings(limit, { ...given, indexes: [IVFFLAT] });
            expect(Number(ivfflat['ivfflat.probes'])).toBeGreaterThanOrEqual(recall === 'fast' ? 10 : 30);
            expect(Number(ivfflat['ivfflat.probes'])).toBeLessThanOrEqual(100);
          }
        }
      }
    }
  });

  it('does more where fewer rows pass, by what was learned', () => {
    const ef = (selectivity: number) => Number(settings(20, { selectivity })['hnsw.ef_search']);
    const probes = (selectivity: number) =>
      Number(settings(20, { selectivity, indexes: [IVFFLAT], recall: 'fast' })['ivfflat.probes']);
    expectGrowing([1, 0.5, 0.1, 0.01].map(ef));
    expectGrowing([1, 0.5, 0.1, 0.01].map(probes));
    expect(ef(0.1)).toBeGreaterThan(ef(1));
    const least = (selectivity: number) => Number(settings(1, { selectivity })['hnsw.ef_search']);
    expect([1, 0.9].map(least)).toEqual([200, 250]);
    expect(probes(0.1)).toBeGreaterThan(probes(1));
  });

  it('takes rows that pass for just not few where nothing is known, and for all where all pass', () => {
    const { few, rows = 0 } = tuned(20);
    expect(settings(20)).toEqual(settings(20, { selectivity: few / rows }));
    expect(settings(20, { isOpen: true })).toEqual(settings(20, { selectivity: 1 }));
  });

  it('lets the caller say how many candidates HNSW keeps', () => {
    expect(settings(10, { efSearch: 7 })['hnsw.ef_search']).toBe('7');
    expect(settings(10, { efSearch: 1_000 })['hnsw.ef_search']).toBe('1000');
  });

  it('tries an index that was short with little effort, and believes nothing beyond it', () => {
    for (const recall of ['fast', 'balanced'] as const) {
      const tried = { recall, isTried: true };
      const least = recall === 'fast' ? 150 : 300;
      expect(settings(10, tried)['hnsw.ef_search']).toBe(String(least));
      expect(mostNamed(tuned(10, tried))).toBe(least / 2);
      const rarer = settings(10, { ...tried, selectivity: 0.05 });
      expect(rarer['hnsw.ef_search']).toBe(settings(10, { recall, selectivity: 0.05 })['hnsw.ef_search']);
      expect(mostNamed(tuned(10, { ...tried, efSearch: 30 }))).toBe(15);
    }
  });

  it('tries none that cannot name enough so, nor one that names lists', () => {
    expect(mayTry(tuned(75))).toBe(true);
    expect(mayTry(tuned(76))).toBe(false);
    expect(mayTry(tuned(10, { indexes: [] }))).toBe(false);
    expect(mayTry(tuned(10, { indexes: [IVFFLAT] }))).toBe(false);
    expect(mayTry(tuned(10, { indexes: [HNSW, IVFFLAT] }))).toBe(false);
  });

  it('scans in relaxed order, as it is sorted again', () => {
    expect(settings(10)['hnsw.iterative_scan']).toBe('relaxed_order');
    expect(settings(10, { indexes: [IVFFLAT] })).toMatchObject({
      'ivfflat.iterative_scan': 'relaxed_order',
      'ivfflat.max_probes': '100',
    });
    const many = { rows: 100_000_000 };
    expect(settings(10)['hnsw.scan_mem_multiplier']).toBe('2');
    expect(settings(10_000, many)['hnsw.scan_mem_multiplier']).toBe('4');
  });

  it('sets the planner for what finds the rows', () => {
    expect(searchSettings('exact', tuned(10))).toEqual([['jit', 'off']]);
    expect(searchSettings('exact', tuned(10, { isFound: true }))).toEqual([
      ['jit', 'off'],
      ['enable_seqscan', 'off'],
    ]);
    expect(settings(10)).toMatchObject({ jit: 'off', enable_sort: 'off' });
    expect(settings(10)).not.toHaveProperty('enable_seqscan');
    expect(settings(10, { isFound: true })).toMatchObject({ enable_seqscan: 'off', enable_sort: 'off' });
    expect(settings(10, { indexes: [HNSW, IVFFLAT] })).toMatchObject({
      'hnsw.iterative_scan': 'relaxed_order',
      'ivfflat.iterative_scan': 'relaxed_order',
    });
    expect(settings(10)).not.toHaveProperty('plan_cache_mode');
    expect(settings(10, { hasFilters: false })).toMatchObject({ plan_cache_mode: 'force_generic_plan' });
    const without = Object.fromEntries(searchSettings('index', { ...tuned(10), indexes: [] }));
    expect(without).not.toHaveProperty('enable_sort');
  });
});
