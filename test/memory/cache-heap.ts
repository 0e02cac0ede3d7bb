/**
 * What cached answers of one kind take of the heap, alone in a process of its own:
 *
 *     CDB_MEMORY_DIRECT_URL=… node --expose-gc test/memory/cache-heap.ts 'nested json'
 *
 * Prints one line of JSON.
 */
import { createDatabaseService, user } from '../../src/index.ts';
import { type CachedKind, type HeapReport, KINDS } from './cached-kinds.ts';
import { SUBJECT } from './memory-database.ts';

const kind = process.argv[2] as CachedKind;
const cached = KINDS[kind];
if (cached === undefined) {
  throw new Error(`The kind is one of ${Object.keys(KINDS).join(', ')}. It was ${kind}.`);
}
const { gc } = globalThis;
if (gc === undefined) throw new Error('It needs node --expose-gc.');

const service = createDatabaseService({
  direct: process.env.CDB_MEMORY_DIRECT_URL,
  cache: { maxBytes: 256 * 1024 * 1024 },
  timeoutMs: 120_000,
  onWarning: () => {},
});
const db = service.as(user({ sub: SUBJECT }));

const settledBytes = (): number => {
  // What the first collection finds unreachable may be let go of by the second alone.
  for (let n = 0; n < 4; n++) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

// Catalog, plans, connection and compiled code are there before the measure is taken.
for (let n = 0; n < cached.answers; n++) await cached.read(db, n, false);
const startBytes = settledBytes();
for (let n = 0; n < cached.answers; n++) await cached.read(db, n, true);
const heapBytes = settledBytes() - startBytes;
const { bytes, entries } = service.cache.stats();
const report: HeapReport = { entries, accountedBytes: bytes, heapBytes };
await service.close();
console.log(JSON.stringify(report));
