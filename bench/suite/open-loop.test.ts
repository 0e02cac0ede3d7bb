import { expect, it } from 'vitest';
import { seededRandom } from '../../src/bench/seeded-random.ts';
import { runOpenLoop } from './open-loop.ts';

it('asks at its own pace, and counts how late an answer is from when it was due', async () => {
  let running = 0;
  let most = 0;
  const result = await runOpenLoop(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 50));
      running -= 1;
    },
    { rate: 400, durationMs: 400, warmUpMs: 50, random: seededRandom(1), utilization: () => 0.5 },
  );
  // A loop that waits for each answer would have one call under way.
  expect(most).toBeGreaterThan(5);
  expect(result.failed).toBe(0);
  expect(result.calls).toBeGreaterThan(50);
  expect(result.p50Us).toBeGreaterThanOrEqual(45_000);
  expect(result.p99Us).toBeGreaterThanOrEqual(result.p95Us);
  expect(result.utilization).toBe(0.5);
});

it('counts calls that fail, and takes no latency of them', async () => {
  const result = await runOpenLoop(
    (n) => (n % 2 === 0 ? Promise.reject(new Error('no')) : Promise.resolve()),
    {
      rate: 1_000,
      durationMs: 100,
      warmUpMs: 0,
      random: seededRandom(2),
      utilization: undefined,
    },
  );
  expect(result.failed).toBeGreaterThan(0);
  expect(Math.abs(result.calls - result.failed)).toBeLessThanOrEqual(1);
  expect(result.utilization).toBeUndefined();
});
