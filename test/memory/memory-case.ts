/**
 * One case of the memory test, alone in a process of its own so that nothing else is in the figures:
 *
 *     CDB_MEMORY_DIRECT_URL=… CDB_MEMORY_TRANSACTION_URL=… node test/memory/memory-case.ts stream
 *
 * Prints one line of JSON.
 */
import { createDatabaseService, DatabaseError, user } from '../../src/index.ts';
import { CASES, type CaseName, type MemoryReport } from './cases.ts';
import { SUBJECT } from './memory-database.ts';
import { ResidentPeak } from './resident-peak.ts';

const name = process.argv[2] as CaseName;
const run = CASES[name];
if (run === undefined)
  throw new Error(`The case is one of ${Object.keys(CASES).join(', ')}. It was ${name}.`);

const service = createDatabaseService({
  direct: process.env.CDB_MEMORY_DIRECT_URL,
  transaction: process.env.CDB_MEMORY_TRANSACTION_URL,
  timeoutMs: 120_000,
  onWarning: () => {},
});
const db = service.as(user({ sub: SUBJECT }));
// Catalog, plans and connections are there before the measure is taken.
await db.select('small', { mode: 'direct' });
await db.select('small', { mode: 'transaction' });
for await (const _ of db.stream('small'));

const peak = new ResidentPeak();
const startedAt = performance.now();
let rows = 0;
let refusedWith: string | undefined;
try {
  rows = await run(db);
} catch (error) {
  if (!(error instanceof DatabaseError)) throw error;
  refusedWith = error.code;
}
const { startBytes, peakBytes } = peak.stop();
const report: MemoryReport = {
  rows,
  refusedWith,
  startMb: Math.round(startBytes / 1e6),
  grownMb: Math.round((peakBytes - startBytes) / 1e6),
  seconds: Math.round(performance.now() - startedAt) / 1_000,
};
// The connection that was too slow to be told to stop must not stand in the way of the next call.
const alive = await db.select('small', { mode: 'direct' });
if (alive.length !== 1) throw new Error('The service does not answer any more.');
await service.close();
console.log(JSON.stringify(report));
