import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ResultsFile } from './results-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdb-results-'));
  path = join(folder, 'kept', 'results.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const ONE = { name: 'one', round: 'units', change: 'change', tests: 'tests' } as const;
const TWO = { ...ONE, name: 'two' } as const;
const KILLED = { killer: 'a test' };
const LIVES = { killer: undefined };

describe('a results file', () => {
  it('gives the next run what this one found out', () => {
    const first = new ResultsFile(path);
    first.addResult(ONE, 'a test');
    first.addGreen('a.test.ts', 'sources', 12);
    const second = new ResultsFile(path);
    expect(second.resultOf(ONE)).toMatchObject(KILLED);
    expect(second.resultOf(TWO)).toBeUndefined();
    expect(second.greenMs('a.test.ts', 'sources')).toBe(12);
  });

  it('knows what came of each round by itself', () => {
    const results = new ResultsFile(path);
    results.addResult(ONE, undefined);
    expect(new ResultsFile(path).resultOf(ONE)).toMatchObject({ ...ONE, of: 'mutant' });
    expect(results.resultOf({ ...ONE, round: 'others' })).toBeUndefined();
  });

  it('forgets a mutant whose source text is another', () => {
    const results = new ResultsFile(path);
    results.addResult(ONE, 'a test');
    expect(results.resultOf({ ...ONE, change: 'other' })).toBeUndefined();
  });

  it('gives what lived another chance when tests have changed, and lets what was killed rest', () => {
    const results = new ResultsFile(path);
    results.addResult(ONE, 'a test');
    results.addResult(TWO, undefined);
    expect(results.resultOf({ ...ONE, tests: 'others' })).toMatchObject(KILLED);
    expect(results.resultOf(TWO)).toMatchObject(LIVES);
    expect(results.resultOf({ ...TWO, tests: 'others' })).toBeUndefined();
  });

  it('asks a test file again when its sources have changed', () => {
    const results = new ResultsFile(path);
    results.addGreen('a.test.ts', 'sources', 12);
    expect(results.greenMs('a.test.ts', 'others')).toBeUndefined();
  });

  it('takes the last word on each', () => {
    new ResultsFile(path).addResult(ONE, undefined);
    new ResultsFile(path).addResult(ONE, 'a test');
    expect(new ResultsFile(path).resultOf(ONE)).toMatchObject(KILLED);
  });

  it('loses nothing but the line that a kill cut off', () => {
    new ResultsFile(path).addResult(ONE, 'a test');
    appendFileSync(path, '{"of":"mutant","name":"tw');
    new ResultsFile(path).addResult({ ...ONE, name: 'three' }, 'another test');
    const results = new ResultsFile(path);
    expect(results.resultOf(ONE)).toMatchObject(KILLED);
    expect(results.resultOf({ ...ONE, name: 'three' })).toMatchObject({ killer: 'another test' });
  });

  it('is kept in memory where it has no path', () => {
    const results = new ResultsFile(undefined);
    results.addResult(ONE, 'a test');
    expect(results.resultOf(ONE)).toMatchObject(KILLED);
  });
});
