/** A process that listens, and has nothing else to do. */
import { createDatabaseService, service } from '../../src/index.ts';

const db = createDatabaseService({
  direct: process.env.CDB_DIRECT_URL,
  service: { direct: process.env.CDB_SERVICE_DIRECT_URL },
  applicationName: 'lives-by-listening',
  onWarning: () => {},
});
const subscription = await db.as(service()).listen('trips', async (payload) => {
  process.stdout.write(`${payload}\n`);
  await subscription.unsubscribe();
});
process.stdout.write('listening\n');
