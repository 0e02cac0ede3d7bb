import { describe, expect, it } from 'vitest';
import { type Judges, killedByRuns, killedByUnits } from './mutation-run.ts';
import type { TestRun } from './run-tests.ts';

const UNIT = 'src/one.test.ts';
const STACK = 'test/two.test.ts';
const OTHER = 'test/three.test.ts';
const GREEN: TestRun = { end: 'green', files: [] };

/** @param ends - what the runs of tests end with, one after the other; green when there is no more */
function judges(ends: readonly TestRun[], compiles = true): Judges & { readonly asked: string[] } {
  const asked: string[] = [];
  const left = [...ends];
  return {
    asked,
    run: async (files) => {
      asked.push(files.join(' '));
      return left.shift() ?? GREEN;
    },
    compiles: async () => {
      asked.push('the compiler');
      return compiles;
    },
    costs: new Map(),
  };
}

function red(file: string | undefined): TestRun {
  return { end: 'red', by: `${file}: fails`, file, files: [] };
}

describe('a mutant', () => {
  it('lives when the tests beside the code and the compiler let it, asked in that order', async () => {
    const all = judges([]);
    expect(await killedByUnits([[UNIT], ['src/far.test.ts']], true, all)).toBeUndefined();
    expect(all.asked).toEqual([UNIT, 'src/far.test.ts', 'the compiler']);
  });

  it('is killed by the first red test, and nothing else is asked', async () => {
    const all = judges([red(UNIT)]);
    expect(await killedByUnits([[UNIT], ['src/far.test.ts']], true, all)).toBe(`${UNIT}: fails`);
    expect(all.asked).toEqual([UNIT]);
  });

  it('is killed by the compiler, unless it need not compile', async () => {
    expect(await killedByUnits([[UNIT]], true, judges([], false))).toBe('the compiler');
    expect(await killedByUnits([[UNIT]], false, judges([], false))).toBeUndefined();
  });

  it('is killed by tests that never end', async () => {
    expect(await killedByRuns([[UNIT]], judges([{ end: 'timed out' }]))).toBe('a timeout');
  });
});

describe('a test that needs a server', () => {
  it('kills when it is red twice', async () => {
    const all = judges([red(STACK), red(STACK)]);
    expect(await killedByRuns([[STACK, OTHER], ['test/four.test.ts']], all)).toBe(`${STACK}: fails`);
    expect(all.asked).toEqual([`${STACK} ${OTHER}`, STACK]);
  });

  it('does not kill when it is green again, and what it cut off is run without it', async () => {
    const all = judges([red(STACK), GREEN]);
    expect(await killedByRuns([[STACK, OTHER]], all)).toBeUndefined();
    expect(all.asked).toEqual([`${STACK} ${OTHER}`, STACK, OTHER]);
  });

  it('has to be told from an error outside of any test, which is run again with all its files', async () => {
    const all = judges([red(undefined), GREEN]);
    expect(await killedByRuns([[STACK, OTHER]], all)).toBeUndefined();
    expect(all.asked).toEqual([`${STACK} ${OTHER}`, `${STACK} ${OTHER}`]);
  });
});

it('gives tests more time the longer they take on unchanged sources', async () => {
  const limits: number[] = [];
  const all: Judges = {
    ...judges([]),
    run: async (_, limitMs) => {
      limits.push(limitMs);
      return GREEN;
    },
    costs: new Map([
      [UNIT, 0],
      [STACK, 1_000],
      [OTHER, 500],
    ]),
  };
  await killedByRuns([[UNIT], [STACK, OTHER]], all);
  expect(limits).toEqual([60_000, 66_000]);
});
