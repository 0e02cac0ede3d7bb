import { median, percentile } from '../../src/bench/statistics.ts';
import { createDatabaseService, user } from '../../src/index.ts';
import { type BenchSchema, NOTE_COLUMNS } from '../contenders/consolidated-db.ts';
import { noteKey, PEOPLE_COUNT } from '../notes.ts';

/** Figures of one round. Times are microseconds for each call. */
export interface HitRound {
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of all threads of the process. */
  readonly cpuUs: number;
  readonly perSecond: number;
}

/** Calls with one handle, as in one request. A clock that is read for each call would be a tenth of it. */
const CALLS = 10;
const HANDLES = 30_000;
const WARM_UP_HANDLES = 10_000;

/** Reads of a thousand notes that are all cached, one after the other. */
export async function measureHits(
  url: string,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<readonly HitRound[]> {
  const db = createDatabaseService<BenchSchema>({ direct: url, onWarning: () => {} });
  const tenCalls = async (n: number) => {
    const { person } = noteKey(n % PEOPLE_COUNT);
    const mine = db.as(user(person.claims));
    for (let call = 0; call < CALLS; call++) {
      const id = (n % PEOPLE_COUNT) + 1 + call * PEOPLE_COUNT;
      await mine.select('bench_notes', { columns: NOTE_COLUMNS, filters: { id }, cache: true });
    }
  };
  try {
    onProgress('warming up');
    for (let n = 0; n < WARM_UP_HANDLES; n++) await tenCalls(n);
    const before = db.cache.stats();
    const results: HitRound[] = [];
    for (let round = 0; round < rounds; round++) {
      onProgress(`round ${round + 1} of ${rounds}`);
      results.push(await oneRound(tenCalls));
    }
    const { hits, misses } = db.cache.stats();
    if (misses !== before.misses || hits - before.hits !== rounds * HANDLES * CALLS) {
      throw new Error('A call that should be answered by the cache was not.');
    }
    return results;
  } finally {
    await db.close();
  }
}

async function oneRound(tenCalls: (n: number) => Promise<void>): Promise<HitRound> {
  const took = new Float64Array(HANDLES);
  const before = process.cpuUsage();
  const start = performance.now();
  let last = start;
  for (let n = 0; n < HANDLES; n++) {
    await tenCalls(n);
    const now = performance.now();
    took[n] = ((now - last) * 1e3) / CALLS;
    last = now;
  }
  const { user: own, system } = process.cpuUsage(before);
  const sorted = took.sort();
  return {
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    cpuUs: (own + system) / (HANDLES * CALLS),
    perSecond: (HANDLES * CALLS) / ((last - start) / 1e3),
  };
}

/** Each figure by itself. */
export function medianHits(rounds: readonly HitRound[]): HitRound {
  const over = (pick: (round: HitRound) => number) => median(rounds.map(pick));
  return {
    p50Us: over(({ p50Us }) => p50Us),
    p99Us: over(({ p99Us }) => p99Us),
    cpuUs: over(({ cpuUs }) => cpuUs),
    perSecond: over(({ perSecond }) => perSecond),
  };
}
