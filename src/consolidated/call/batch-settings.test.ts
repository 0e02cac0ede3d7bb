import { describe, expect, it } from 'vitest';
import { type BatchSettings, mergedSettings, setInside } from './batch-settings.ts';

const search = (settings: BatchSettings) => ({ kind: 'vectorSearch', settings }) as const;
const SELECT = { kind: 'select', settings: undefined } as const;
const WRITE = { kind: 'insert', settings: undefined } as const;

describe('the settings of a batch', () => {
  it('are of numbers the largest', () => {
    const [small, large] = [[['hnsw.ef_search', '90']], [['hnsw.ef_search', '200']]] as const;
    expect(mergedSettings([search(small), search(large)])).toEqual(large);
    expect(mergedSettings([search(large), search(small)])).toEqual(large);
    expect(mergedSettings([SELECT, search(small), SELECT])).toEqual(small);
  });

  it('are all of them, where statements have different ones', () => {
    const all = [search([['hnsw.ef_search', '90']]), search([['ivfflat.probes', '5']])];
    expect(mergedSettings(all)).toEqual([
      ['hnsw.ef_search', '90'],
      ['ivfflat.probes', '5'],
    ]);
    expect(mergedSettings([])).toEqual([]);
    expect(mergedSettings([SELECT])).toEqual([]);
  });

  it.each(['jit', 'enable_seqscan', 'enable_sort', 'plan_cache_mode'])(
    'hold for the planner only where all have them: %s',
    (name) => {
      const settings = [[name, 'off']] as const;
      const one = search(settings);
      expect(mergedSettings([one])).toEqual(settings);
      expect(mergedSettings([one, one])).toEqual(settings);
      expect(mergedSettings([one, SELECT])).toEqual([]);
    },
  );

  it('let no index answer out of order, or less than by itself, beside what may run code of the database', () => {
    const hnsw = [
      ['hnsw.iterative_scan', 'relaxed_order'],
      ['hnsw.ef_search', '20'],
      ['hnsw.max_scan_tuples', '300'],
    ] as const;
    expect(mergedSettings([search(hnsw), SELECT])).toEqual(hnsw);
    expect(mergedSettings([search(hnsw), WRITE])).toEqual([
      ['hnsw.iterative_scan', 'strict_order'],
      ['hnsw.ef_search', '40'],
      ['hnsw.max_scan_tuples', '20000'],
    ]);
    expect(mergedSettings([WRITE, search([['ivfflat.iterative_scan', 'relaxed_order']])])).toEqual([
      ['ivfflat.iterative_scan', 'off'],
    ]);
  });

  it('are set inside a transaction, and put back behind the statement', () => {
    const { before, after } = setInside([
      ['enable_sort', 'off'],
      ['hnsw.ef_search', '90'],
    ]);
    expect(before.values).toEqual(['enable_sort', 'off', 'hnsw.ef_search', '90']);
    expect(before.text).toBe(
      "select pg_catalog.set_config('cdb.enable_sort', coalesce(pg_catalog.current_setting('enable_sort', true), ''), true), " +
        "pg_catalog.set_config('cdb.hnsw.ef_search', coalesce(pg_catalog.current_setting('hnsw.ef_search', true), ''), true), " +
        'pg_catalog.set_config($1, $2, true), pg_catalog.set_config($3, $4, true)',
    );
    expect(after).toEqual({
      text:
        "select pg_catalog.set_config('enable_sort', nullif(pg_catalog.current_setting('cdb.enable_sort'), ''), true), " +
        "pg_catalog.set_config('hnsw.ef_search', nullif(pg_catalog.current_setting('cdb.hnsw.ef_search'), ''), true)",
      values: [],
    });
  });
});
