import { expect, it } from 'vitest';
import { SEED } from '../isolation/seed.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { soakFaults, soakTable, summaryOf } from './soak-report.ts';
import { playSoak } from './soak-scene.ts';

describeFullStack('twenty users of two processes, each with a cache', () => {
  it(`see their own rows only, never older than what they wrote, and what others changed (seed ${SEED})`, async ({
    annotate,
  }) => {
    const options = { operations: 4_000, seed: SEED, rate: 400, writeShare: 1 / 40, maxBytes: 1_048_576 };
    const result = await playSoak(options);
    await annotate(soakTable(result, options));
    expect(soakFaults(result, options)).toEqual([]);
    expect(summaryOf(result).writes).toBeGreaterThan(20);
    expect(result.effects.length).toBeGreaterThan(8);
  }, 120_000);

  it(`see nothing else where they share a second level (seed ${SEED})`, async ({ annotate }) => {
    const options = { operations: 8_000, seed: SEED, rate: 400, writeShare: 1 / 100, maxBytes: 1_048_576 };
    const result = await playSoak({ ...options, secondLevel: true });
    await annotate(soakTable(result, options));
    expect(soakFaults(result, options)).toEqual([]);
    expect(result.sums.reduce((all, { fromOthers }) => all + fromOthers, 0)).toBeGreaterThan(0);
  }, 120_000);
});
