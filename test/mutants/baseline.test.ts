import { expect, it } from 'vitest';
import { takeBaseline } from './baseline.ts';
import { ResultsFile } from './results-file.ts';
import type { RunTests, TestRun } from './run-tests.ts';

const FILES = ['src/a.test.ts', 'src/b.test.ts', 'test/c.test.ts', 'test/d.test.ts'];
const SOURCES = { fingerprint: (file: string) => `of ${file}` };

/** @param failures - for each file how often it fails before it is green */
function runner(failures: Readonly<Record<string, number>>): { run: RunTests; asked: string[] } {
  const left = new Map(Object.entries(failures));
  const asked: string[] = [];
  const run: RunTests = async (files) => {
    asked.push(files.join(' '));
    const runs = files.map((file) => {
      const times = left.get(file) ?? 0;
      left.set(file, times - 1);
      return { file, ms: 7, failure: times > 0 ? 'fails' : undefined };
    });
    const failed = runs.find(({ failure }) => failure !== undefined);
    const end: TestRun =
      failed === undefined
        ? { end: 'green', files: runs }
        : { end: 'red', by: 'fails', file: failed.file, files: runs };
    return end;
  };
  return { run, asked };
}

it('runs the tests beside the code together, and the others one by one', async () => {
  const { run, asked } = runner({});
  const { green, red } = await takeBaseline(FILES, run, SOURCES, new ResultsFile(undefined));
  expect(asked).toEqual(['src/a.test.ts src/b.test.ts', 'test/c.test.ts', 'test/d.test.ts']);
  expect([...green]).toEqual(FILES.map((file) => [file, 7]));
  expect(red.size).toBe(0);
});

it('tells each file that is red by itself, after a second chance', async () => {
  const { run } = runner({ 'src/b.test.ts': 2, 'test/c.test.ts': 1, 'test/d.test.ts': 2 });
  const { green, red } = await takeBaseline(FILES, run, SOURCES, new ResultsFile(undefined));
  expect([...green.keys()].sort()).toEqual(['src/a.test.ts', 'test/c.test.ts']);
  expect([...red]).toEqual([
    ['src/b.test.ts', 'fails'],
    ['test/d.test.ts', 'fails'],
  ]);
});

it('takes a file for red that never ends, or of which the report knows nothing', async () => {
  const never = await takeBaseline(
    FILES,
    async () => ({ end: 'timed out' }),
    SOURCES,
    new ResultsFile(undefined),
  );
  expect([...never.red.values()]).toEqual(FILES.map(() => 'it did not end in time'));
  const silent: RunTests = async () => ({
    end: 'red',
    by: 'outside of any test',
    file: undefined,
    files: [],
  });
  const unknown = await takeBaseline(FILES, silent, SOURCES, new ResultsFile(undefined));
  expect([...unknown.red.values()]).toEqual(FILES.map(() => 'outside of any test'));
});

it('asks no file again that was green with the same sources', async () => {
  const results = new ResultsFile(undefined);
  await takeBaseline(FILES, runner({ 'test/d.test.ts': 2 }).run, SOURCES, results);
  const { run, asked } = runner({});
  const changed = { fingerprint: (file: string) => (file === 'src/a.test.ts' ? 'other' : `of ${file}`) };
  const { green } = await takeBaseline(FILES, run, changed, results);
  expect(asked).toEqual(['src/a.test.ts', 'test/d.test.ts']);
  expect(green.size).toBe(4);
});
