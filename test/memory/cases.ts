import { type DatabaseHandle, fragment } from '../../src/index.ts';

export interface MemoryReport {
  readonly rows: number;
  /** Code of the error with which it ended, if it did. */
  readonly refusedWith: string | undefined;
  readonly startMb: number;
  /** How much more was resident at the peak than at the start. */
  readonly grownMb: number;
  readonly seconds: number;
}

async function countOf(rows: AsyncIterable<object>): Promise<number> {
  let count = 0;
  for await (const _ of rows) count++;
  return count;
}

/** What is measured; each answers with its number of rows. */
export const CASES = {
  stream: (db: DatabaseHandle) => countOf(db.stream('many')),
  'stream of a query': (db: DatabaseHandle) => countOf(db.stream(fragment`select * from public.many`)),
  'stream of huge rows': (db: DatabaseHandle) => countOf(db.stream('huge', { batchSize: 10 })),
  'rows, direct': async (db: DatabaseHandle) => (await db.select('many', { mode: 'direct' })).length,
  'rows, transaction': async (db: DatabaseHandle) =>
    (await db.select('many', { mode: 'transaction' })).length,
  'bytes, direct': async (db: DatabaseHandle) => (await db.select('huge', { mode: 'direct' })).length,
  'bytes, transaction': async (db: DatabaseHandle) =>
    (await db.select('huge', { mode: 'transaction' })).length,
  'bytes of a query, direct': async (db: DatabaseHandle) =>
    (await db.sql({ mode: 'direct' })`select * from public.huge`).length,
  'rows of a query, direct': async (db: DatabaseHandle) =>
    (await db.sql({ mode: 'direct' })`select * from public.many`).length,
} as const;

export type CaseName = keyof typeof CASES;
