import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImportGraph } from './import-graph.ts';
import { orderedRuns, testFilesAt } from './test-order.ts';

const root = resolve(import.meta.dirname, '../..');

/** Tests by name, with their distance to the changed file and their milliseconds. */
type Tests = Readonly<Record<string, readonly [distance: number | undefined, ms: number | undefined]>>;

function runsOf(tests: Tests): ReturnType<typeof orderedRuns> {
  const loadedBy = (test: string): ReadonlyMap<string, number> => {
    const distance = tests[test]?.[0];
    return new Map(distance === undefined ? [] : [['src/one.ts', distance]]);
  };
  const costs = new Map(
    Object.entries(tests).flatMap(([test, [, ms]]) => (ms === undefined ? [] : [[test, ms]])),
  );
  return orderedRuns('src/one.ts', Object.keys(tests), { loadedBy }, costs);
}

describe('the runs of tests for a change', () => {
  it('begin with the test beside it, then the unit tests that import it, then those further away', () => {
    const { units } = runsOf({
      'src/far.test.ts': [3, 5],
      'src/near.test.ts': [1, 50],
      'src/one.test.ts': [1, 90],
      'src/quick.test.ts': [1, 10],
    });
    expect(units).toEqual([
      ['src/one.test.ts'],
      ['src/quick.test.ts', 'src/near.test.ts'],
      ['src/far.test.ts'],
    ]);
  });

  it('go on with all other tests, near before far and quick before slow, the quick ones together', () => {
    const { others } = runsOf({
      'test/far.test.ts': [4, 10],
      'test/slow.test.ts': [2, 14_000],
      'test/long.test.ts': [2, 40_000],
      'test/quick.test.ts': [2, 900],
      'test/next.test.ts': [3, 14_000],
    });
    expect(others).toEqual([
      ['test/quick.test.ts', 'test/slow.test.ts'],
      ['test/long.test.ts'],
      ['test/next.test.ts', 'test/far.test.ts'],
    ]);
  });

  it('leave out who never loads what is changed, and who is red by itself', () => {
    const runs = runsOf({
      'src/stranger.test.ts': [undefined, 10],
      'test/red.test.ts': [2, undefined],
      'test/green.test.ts': [2, 10],
    });
    expect(runs).toEqual({ units: [], others: [['test/green.test.ts']] });
  });
});

describe('the test files at a place', () => {
  it('are itself, or those of the folder and of the folders in it, each once', () => {
    const here = testFilesAt(root, ['test/mutants', 'test/mutants/test-order.test.ts', 'src/modes']);
    expect(here).toContain('test/mutants/test-order.test.ts');
    expect(here).toContain('src/modes/pool/pool.test.ts');
    expect(here).not.toContain('src/modes/pool/pool.ts');
    expect(new Set(here).size).toBe(here.length);
  });
});

describe('the graph of imports', () => {
  const graph = new ImportGraph(root);

  it('tells how many imports lie between a test and what it loads', () => {
    const loaded = graph.loadedBy('test/mutants/test-order.test.ts');
    expect(loaded.get('test/mutants/test-order.test.ts')).toBe(0);
    expect(loaded.get('test/mutants/import-graph.ts')).toBe(1);
    expect(loaded.get('test/support/module-imports.ts')).toBe(2);
  });

  it('knows no way to what only types lead to', () => {
    expect(graph.loadedBy('test/mutants/equivalent.ts').has('test/mutants/drawn-mutants.ts')).toBe(false);
  });

  it('has a fingerprint for each test, of all that it loads', () => {
    const of = (file: string): string => new ImportGraph(root).fingerprint(file);
    expect(of('test/mutants/import-graph.ts')).toBe(graph.fingerprint('test/mutants/import-graph.ts'));
    expect(of('test/mutants/import-graph.ts')).not.toBe(graph.fingerprint('test/mutants/test-order.ts'));
  });
});
