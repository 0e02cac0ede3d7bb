import { expect, it } from 'vitest';
import { describeFullStack } from '../support/full-stack.ts';
import { FAULTS } from './all-faults.ts';
import { detailsOf, tableOf } from './fault-report.ts';
import { faultServersOfTheStack } from './fault-servers.ts';
import { playFaults } from './play-faults.ts';

const SEED = Number(process.env.CDB_FAULTS_SEED ?? Date.now() % 1_000_000);
const OPERATIONS = 100;
/** What other tests on the same machine may add. */
const TOLERANCE = { late: 250, recovery: 5_000 };

/** The others end or pause servers (`npm run test:faults`). */
const faults = FAULTS.filter(({ needsOwnServers, isLong }) => needsOwnServers !== true && isLong !== true);

describeFullStack('a service beneath faults', () => {
  it(`tells nothing wrong and is back at once: ${faults.length} faults (CDB_FAULTS_SEED=${SEED})`, async () => {
    const servers = await faultServersOfTheStack();
    try {
      const rows = await playFaults({
        faults,
        servers,
        seed: SEED,
        operations: OPERATIONS,
        tolerance: TOLERANCE,
      });
      expect(detailsOf(rows.filter(({ broken }) => broken.length > 0)), tableOf(rows)).toEqual([]);
    } finally {
      await servers.close();
    }
  }, 240_000);
});
