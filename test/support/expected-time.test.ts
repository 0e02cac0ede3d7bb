import { expect, it } from 'vitest';
import { expectedTime } from './expected-time.ts';
import { findFullStack } from './find-full-stack.ts';
import { announceRun } from './stack-report.ts';

it('is the sum of what the files last took, shared by the workers', () => {
  expect(expectedTime([9_500, 4_500, 4_500, 500], 2)).toBe('about 11 s (by the last run of each)');
  expect(expectedTime(Array(60).fill(5_500), 2)).toBe('about 3 minutes (by the last run of each)');
});

it('is never less than the slowest file', () => {
  expect(expectedTime([119_500, 500], 8)).toBe('about 2 minutes (by the last run of each)');
});

it('says that it is an estimate where files have not run here', () => {
  expect(expectedTime([500, undefined], 1)).toBe('about 5 s (a guess for the 1 that did not run here yet)');
  expect(expectedTime([undefined, undefined], 1)).toBe('about 7 s (a guess: none has run here)');
});

it('stands at the start of a run, beside the stacks that were found', async () => {
  const none = await findFullStack({ CDB_STACK_DIR: '/nowhere' });
  expect(announceRun(none, 170, 'about 4 minutes')).toBe(
    'Stacks: embedded, needs no server; full, left out, needs the full stack, which is not up (npm run stack:up)\n' +
      '170 test files: about 4 minutes',
  );
});
