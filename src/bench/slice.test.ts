import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runSlice } from './slice.ts';

test('as many calls run at once as there are tasks, and all calls are numbered in turn', async () => {
  let running = 0;
  let most = 0;
  const numbers: number[] = [];
  const slice = await runSlice(
    async (n) => {
      numbers.push(n);
      most = Math.max(most, ++running);
      await turn();
      running -= 1;
    },
    { tasks: 4, durationMs: 20, runUpMs: 10, firstCall: 10 },
  );
  expect(most).toBe(4);
  expect(running).toBe(0);
  expect(numbers).toEqual(Array.from({ length: slice.calls }, (_, i) => 10 + i));
});

test('a call that fails ends the slice with its error, after the other calls have settled', async () => {
  const failure = new Error('refused');
  let running = 0;
  const slice = runSlice(
    async (n) => {
      running += 1;
      await turn();
      running -= 1;
      if (n === 5) throw failure;
    },
    { tasks: 3, durationMs: 60_000, runUpMs: 0, firstCall: 0 },
  );
  await expect(slice).rejects.toBe(failure);
  expect(running).toBe(0);
});
