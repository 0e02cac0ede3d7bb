import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Change } from './mutation-run.ts';
import { ResultsFile } from './results-file.ts';
import type { Task } from './tasks.ts';
import { tryAll } from './try-all.ts';

const UNIT = 'test/mutants/areas.ts';
const CHANGE: Change = { file: 'src/one.ts', text: 'changed', mustCompile: false };

function taskOf(name: string, more: Partial<Task> = {}): Task {
  // Files that are there, whose texts are read; those of `src` are the tests beside the code.
  const tests = ['src/index.ts', UNIT];
  return {
    name,
    guard: undefined,
    equivalent: undefined,
    change: { ...CHANGE, text: name },
    tests,
    runs: (costs) => ({
      units: [tests.filter((test) => test.startsWith('src/') && costs.has(test))],
      others: [tests.filter((test) => test.startsWith('test/') && costs.has(test))],
    }),
    ...more,
  };
}

/** Tries tasks with tests of which those of the given names are red, each for one mutant; tells what was run. */
function trying(
  tasks: readonly Task[],
  killers: Readonly<Record<string, string>>,
  results = new ResultsFile(undefined),
) {
  const log: string[] = [];
  let made = '';
  const copy = {
    folder: resolve(import.meta.dirname, '../..'),
    with: <T>(_file: string, text: string, work: () => Promise<T>) => {
      made = text;
      return work();
    },
  };
  const tried = tryAll(
    tasks,
    [copy],
    async (files) => {
      log.push(`baseline of ${files.join(' ')}`);
      return { green: new Map(files.map((file) => [file, 1])), red: new Map() };
    },
    (_copy, costs) => ({
      run: async ([file = '']) => {
        log.push(`${made}: ${file}`);
        return killers[made] === file
          ? { end: 'red', by: file, file, files: [] }
          : { end: 'green', files: [] };
      },
      compiles: async () => true,
      costs,
    }),
    results,
    () => undefined,
  );
  return { log, tried };
}

it('tries all by the tests beside the code first, and what lives by the others', async () => {
  const { log, tried } = trying([taskOf('one'), taskOf('two'), taskOf('three')], {
    one: 'src/index.ts',
    two: UNIT,
  });
  expect((await tried).tried.map(({ verdict }) => verdict)).toEqual([
    { end: 'killed', by: 'src/index.ts' },
    { end: 'killed', by: UNIT },
    { end: 'survived' },
  ]);
  expect(log).toEqual([
    'baseline of src/index.ts',
    'one: src/index.ts',
    'two: src/index.ts',
    'three: src/index.ts',
    `baseline of ${UNIT}`,
    `two: ${UNIT}`,
    // Red twice.
    `two: ${UNIT}`,
    `three: ${UNIT}`,
  ]);
});

it('tries what is known as equivalent by the tests beside the code alone', async () => {
  const equivalent = 'nobody can see it';
  const { log, tried } = trying([taskOf('same', { equivalent }), taskOf('other', { equivalent })], {
    other: 'src/index.ts',
  });
  expect((await tried).tried.map(({ verdict }) => verdict)).toEqual([
    { end: 'equivalent', reason: equivalent },
    { end: 'killed', by: 'src/index.ts' },
  ]);
  expect(log.filter((line) => line.endsWith(UNIT))).toEqual([]);
});

it('tells what cannot be made, and runs nothing for it', async () => {
  const { log, tried } = trying([taskOf('gone', { change: 'there is no such symbol' })], {});
  expect((await tried).tried[0]?.verdict).toEqual({ end: 'does not apply', why: 'there is no such symbol' });
  expect(log.filter((line) => line.startsWith('gone'))).toEqual([]);
});

it('tries nothing again that the results know', async () => {
  const results = new ResultsFile(undefined);
  const tasks = [taskOf('one'), taskOf('two')];
  const first = await trying(tasks, { one: 'src/index.ts' }, results).tried;
  const { log, tried } = trying(tasks, {}, results);
  expect(await tried).toEqual(first);
  expect(log.filter((line) => !line.startsWith('baseline'))).toEqual([]);
});
