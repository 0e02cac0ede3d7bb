import { describe, expect, it } from 'vitest';
import { type Judges, judge, type Trial } from './mutation-run.ts';
import type { TestRun } from './run-tests.ts';

const UNIT = 'src/one.test.ts';
const STACK = 'test/two.test.ts';
const OTHER = 'test/three.test.ts';
const TRIAL: Trial = {
  file: 'src/one.ts',
  text: '',
  units: [[UNIT]],
  others: [[STACK, OTHER]],
  mustCompile: true,
};
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
  it('survives when unit tests, compiler and all other tests let it live, asked in that order', async () => {
    const all = judges([]);
    expect(await judge(TRIAL, all)).toEqual({ end: 'survived' });
    expect(all.asked).toEqual([UNIT, 'the compiler', `${STACK} ${OTHER}`]);
  });

  it('is killed by the first red test, and nothing else is asked', async () => {
    const all = judges([red(UNIT)]);
    expect(await judge(TRIAL, all)).toEqual({ end: 'killed', by: `${UNIT}: fails` });
    expect(all.asked).toEqual([UNIT]);
  });

  it('is killed by the compiler before any test is run that needs a server', async () => {
    const all = judges([GREEN], false);
    expect(await judge(TRIAL, all)).toEqual({ end: 'killed', by: 'the compiler' });
    expect(all.asked).toEqual([UNIT, 'the compiler']);
  });

  it('that a guard names need not compile', async () => {
    expect(await judge({ ...TRIAL, mustCompile: false }, judges([], false))).toEqual({ end: 'survived' });
  });

  it('is killed by tests that never end', async () => {
    expect(await judge(TRIAL, judges([{ end: 'timed out' }]))).toEqual({ end: 'killed', by: 'a timeout' });
  });
});

describe('a test that needs a server', () => {
  it('kills when it is red twice', async () => {
    const all = judges([GREEN, red(STACK), red(STACK)]);
    expect(await judge(TRIAL, all)).toEqual({ end: 'killed', by: `${STACK}: fails` });
    expect(all.asked).toEqual([UNIT, 'the compiler', `${STACK} ${OTHER}`, STACK]);
  });

  it('does not kill when it is green again, and what it cut off is run without it', async () => {
    const all = judges([GREEN, red(STACK), GREEN]);
    expect(await judge(TRIAL, all)).toEqual({ end: 'survived' });
    expect(all.asked.slice(2)).toEqual([`${STACK} ${OTHER}`, STACK, OTHER]);
  });

  it('has to be told from an error outside of any test, which is run again with all its files', async () => {
    const all = judges([GREEN, red(undefined), GREEN]);
    expect(await judge(TRIAL, all)).toEqual({ end: 'survived' });
    expect(all.asked.slice(2)).toEqual([`${STACK} ${OTHER}`, `${STACK} ${OTHER}`]);
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
  await judge(TRIAL, all);
  expect(limits).toEqual([60_000, 66_000]);
});
