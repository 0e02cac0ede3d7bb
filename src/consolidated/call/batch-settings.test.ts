import { describe, expect, it } from 'vitest';
import { mergedSettings, setInside } from './batch-settings.ts';

describe('the settings of a batch', () => {
  it('are of numbers the largest', () => {
    const [small, large] = [[['hnsw.ef_search', '90']], [['hnsw.ef_search', '200']]] as const;
    expect(mergedSettings([small, large])).toEqual(large);
    expect(mergedSettings([large, small])).toEqual(large);
    expect(mergedSettings([undefined, small, undefined])).toEqual(small);
  });

  it('are all of them, where statements have different ones', () => {
    expect(mergedSettings([[['hnsw.ef_search', '90']], [['ivfflat.probes', '5']]])).toEqual([
      ['hnsw.ef_search', '90'],
      ['ivfflat.probes', '5'],
    ]);
    expect(mergedSettings([])).toEqual([]);
    expect(mergedSettings([undefined])).toEqual([]);
  });

  it.each(['jit', 'enable_seqscan', 'enable_sort'])(
    'hold for the planner only where all have them: %s',
    (name) => {
      const one = [[name, 'off']] as const;
      expect(mergedSettings([one])).toEqual(one);
      expect(mergedSettings([one, one])).toEqual(one);
      expect(mergedSettings([one, undefined])).toEqual([]);
      expect(mergedSettings([one, one, [['hnsw.ef_search', '90']]])).toEqual([['hnsw.ef_search', '90']]);
    },
  );

  it('are set inside a transaction, with those of the planner put back behind the statement', () => {
    const { before, after } = setInside([
      ['enable_sort', 'off'],
      ['hnsw.ef_search', '90'],
    ]);
    expect(before.values).toEqual(['enable_sort', 'off', 'hnsw.ef_search', '90']);
    expect(before.text).toBe(
      "select pg_catalog.set_config('cdb.enable_sort', pg_catalog.current_setting('enable_sort'), true), " +
        'pg_catalog.set_config($1, $2, true), pg_catalog.set_config($3, $4, true)',
    );
    expect(after).toEqual({
      text: "select pg_catalog.set_config('enable_sort', pg_catalog.current_setting('cdb.enable_sort'), true)",
      values: [],
    });
  });

  it('need nothing behind the statement where there are none of the planner', () => {
    expect(setInside([['hnsw.ef_search', '90']]).after).toBeUndefined();
  });
});
