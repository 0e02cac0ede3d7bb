import { expect, it } from 'vitest';
import { describeFullStack } from '../support/full-stack.ts';
import { playOutcomes } from './play.ts';
import { wrongsOf } from './report.ts';
import { seedOf } from './seed.ts';
import { startServers } from './servers.ts';

const OPERATIONS = 2_000;
const SEED = seedOf(process.env);
/** What the contract allows, and what a loaded machine may add. */
const ALLOWED_LATE_MS = 250 + 100;

describeFullStack('a caller whose connections, servers and tokens fail at every edge', (stack) => {
  it(`is told nothing wrong about a write (${OPERATIONS} operations, CDB_OUTCOMES_SEED=${SEED})`, async () => {
    const servers = await startServers(stack);
    try {
      const { tally, cells } = await playOutcomes({
        seed: SEED,
        operations: OPERATIONS,
        noMore: true,
        hits: 1,
        allowedLateMs: ALLOWED_LATE_MS,
        servers,
      });
      expect(wrongsOf(tally)).toEqual([]);
      expect(tally.uncaught).toEqual([]);
      expect(tally.unsettled).toBe(0);
      // Without all that was to be mixed in, nothing wrong would mean nothing.
      expect(tally.hits).toBeGreaterThan(OPERATIONS / 2);
      for (const told of [
        'fulfilled: all',
        'applied: all',
        'not-applied: nothing',
        'unknown: all',
        'unknown: nothing',
      ]) {
        expect(tally.told.get(told) ?? 0, told).toBeGreaterThan(OPERATIONS / 200);
      }
      const metOf = new Map<string, { hits: number; tries: number }>();
      for (const { name, hits, tries } of cells.all) {
        const met = metOf.get(name) ?? { hits: 0, tries: 0 };
        metOf.set(name, { hits: met.hits + hits, tries: met.tries + tries });
      }
      // What races with the end of a statement, or needs a statement that is closed just then, may be missed each time
      // in so small a run; the long one wants hits in each cell.
      const missed = [...metOf].filter(([, { hits, tries }]) => hits === 0 && tries > 3);
      expect(missed.length, JSON.stringify(missed)).toBeLessThan(metOf.size / 10);
      expect([...metOf].filter(([, { hits }]) => hits > 0).length).toBeGreaterThan(80);
    } finally {
      await servers.close();
    }
  }, 300_000);
});
