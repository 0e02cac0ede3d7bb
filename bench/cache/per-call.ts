import { createDatabaseService, user } from '../../src/index.ts';
import { type BenchSchema, NOTE_COLUMNS } from '../contenders/consolidated-db.ts';
import { noteKey } from '../notes.ts';

export interface PerCallRound {
  /** Microseconds of a cached read. */
  readonly cachedUs: number;
  /** Of one without the cache, over a connection that is kept. */
  readonly uncachedUs: number;
  /** Of one for which a service is made, a connection opened, the catalog read, and all closed again. */
  readonly perCallUs: number;
}

const CACHED_CALLS = 20_000;
const UNCACHED_CALLS = 500;
const SERVICES = 10;

/** The same read in three ways, in each round one after the other. */
export async function measurePerCall(
  url: string,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<readonly PerCallRound[]> {
  const make = () => createDatabaseService<BenchSchema>({ direct: url, onWarning: () => {} });
  const { person, id } = noteKey(0);
  const read = (db: ReturnType<typeof make>, cache: boolean) =>
    db.as(user(person.claims)).select('bench_notes', { columns: NOTE_COLUMNS, filters: { id }, cache });
  const inOneOfItsOwn = async () => {
    const db = make();
    try {
      await read(db, false);
    } finally {
      await db.close();
    }
  };
  const kept = make();
  try {
    const results: PerCallRound[] = [];
    // Round 0 is not measured.
    for (let round = 0; round <= rounds; round++) {
      onProgress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
      const cachedUs = await timeOf(CACHED_CALLS, () => read(kept, true));
      const uncachedUs = await timeOf(UNCACHED_CALLS, () => read(kept, false));
      const perCallUs = await timeOf(SERVICES, inOneOfItsOwn);
      if (round > 0) results.push({ cachedUs, uncachedUs, perCallUs });
    }
    return results;
  } finally {
    await kept.close();
  }
}

async function timeOf(calls: number, call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < calls; n++) await call();
  return ((performance.now() - start) * 1e3) / calls;
}
