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

const KILLED = { end: 'killed', by: 'a test' } as const;
const SURVIVED = { end: 'survived' } as const;

describe('a results file', () => {
  it('gives the next run what this one found out', () => {
    const first = new ResultsFile(path);
    first.addVerdict('one', 'change', 'tests', KILLED);
    first.addGreen('a.test.ts', 'sources', 12);
    const second = new ResultsFile(path);
    expect(second.verdictOf('one', 'change', 'tests')).toEqual(KILLED);
    expect(second.verdictOf('two', 'change', 'tests')).toBeUndefined();
    expect(second.greenMs('a.test.ts', 'sources')).toBe(12);
  });

  it('forgets a mutant whose source text is another', () => {
    const results = new ResultsFile(path);
    results.addVerdict('one', 'change', 'tests', KILLED);
    expect(results.verdictOf('one', 'other', 'tests')).toBeUndefined();
  });

  it('gives what survived another chance when tests have changed, and lets what was killed rest', () => {
    const results = new ResultsFile(path);
    results.addVerdict('killed', 'change', 'tests', KILLED);
    results.addVerdict('survived', 'change', 'tests', SURVIVED);
    expect(results.verdictOf('killed', 'change', 'others')).toEqual(KILLED);
    expect(results.verdictOf('survived', 'change', 'tests')).toEqual(SURVIVED);
    expect(results.verdictOf('survived', 'change', 'others')).toBeUndefined();
  });

  it('asks a test file again when its sources have changed', () => {
    const results = new ResultsFile(path);
    results.addGreen('a.test.ts', 'sources', 12);
    expect(results.greenMs('a.test.ts', 'others')).toBeUndefined();
  });

  it('takes the last word on each', () => {
    new ResultsFile(path).addVerdict('one', 'change', 'tests', SURVIVED);
    new ResultsFile(path).addVerdict('one', 'change', 'tests', KILLED);
    expect(new ResultsFile(path).verdictOf('one', 'change', 'tests')).toEqual(KILLED);
  });

  it('loses nothing but the line that a kill cut off', () => {
    new ResultsFile(path).addVerdict('one', 'change', 'tests', KILLED);
    appendFileSync(path, '{"of":"mutant","name":"tw');
    new ResultsFile(path).addVerdict('three', 'change', 'tests', SURVIVED);
    const results = new ResultsFile(path);
    expect(results.verdictOf('one', 'change', 'tests')).toEqual(KILLED);
    expect(results.verdictOf('three', 'change', 'tests')).toEqual(SURVIVED);
  });

  it('is kept in memory where it has no path', () => {
    const results = new ResultsFile(undefined);
    results.addVerdict('one', 'change', 'tests', KILLED);
    expect(results.verdictOf('one', 'change', 'tests')).toEqual(KILLED);
  });
});
