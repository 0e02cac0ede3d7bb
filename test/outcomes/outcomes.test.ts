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
      const struck = new Set(cells.all.filter(({ hits }) => hits > 0).map(({ name }) => name));
      const unstruck = cells.all.map(({ name }) => name).filter((name) => !struck.has(name));
      expect([...new Set(unstruck)]).toEqual([]);
    } finally {
      await servers.close();
    }
  }, 300_000);
});
