import { expect, it } from 'vitest';
import { sliceOf } from './pgbench.ts';

/** A call of 10 ms ends every 10 ms on one client, and each takes 2 ms of computing; logging in took 500. */
const calls = Array.from({ length: 100 }, (_, n) => ({ endMs: 1_000 + 10 * (n + 1), latencyUs: 10_000 }));
const cpu = Array.from({ length: 60 }, (_, n) => ({ atMs: 900 + 20 * n, usedUs: 500_000 + 4_000 * n }));

it('a run of pgbench counts for the slice alone, without its run-up and its log-ins', () => {
  const slice = sliceOf({ calls, cpu }, 500, 300);
  expect(slice).toMatchObject({ calls: 100, perSecond: 100, p50Us: 10_000, p99Us: 10_000 });
  expect(slice.cpuUs).toBeCloseTo(2_000);
});

it('a run of pgbench counts from the first call behind the run-up, however late that is', () => {
  expect(sliceOf({ calls, cpu }, 5, 303)).toMatchObject({ perSecond: 100, p50Us: 10_000 });
});

it('a run of pgbench without calls in the slice is no measurement', () => {
  expect(() => sliceOf({ calls: calls.slice(0, 5), cpu }, 500, 300)).toThrow(
    'An empty list has no percentile.',
  );
});
