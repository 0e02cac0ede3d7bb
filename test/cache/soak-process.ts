/**
 * One of the processes of the soak: serves the same users as the others through a service of its own, and answers what the
 * scene asks over the channel to it. Needs `--expose-gc`.
 */
import { createDatabaseService, type DatabaseHandle, user } from '../../src/index.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { Beats, type Moment, monotonic } from './soak-beats.ts';
import { Books, type Faults } from './soak-books.ts';
import { PROBE, TASKS, USERS } from './soak-database.ts';
import { StoreOfParent } from './soak-store.ts';
import { drawn, handleOf, type Named, READS, type Task, WRITES } from './soak-work.ts';

/** What the process is made with, as JSON in its first argument. */
export interface ProcessOptions {
  readonly process: number;
  readonly seed: number;
  readonly maxBytes: number;
  readonly urls: object;
  /** In base64, where the processes share a second level. */
  readonly key: string | undefined;
}

export interface WorkOptions {
  readonly operations: number;
  /** Writes a second. */
  readonly rate: number;
  readonly writeShare: number;
}

export interface ProcessSum {
  readonly faults: Faults;
  readonly written: readonly Moment[];
  readonly shown: readonly Moment[];
  readonly errors: Readonly<Record<string, number>>;
  readonly reads: number;
  readonly writes: number;
  readonly hits: number;
  readonly misses: number;
  readonly shared: number;
  readonly stale: number;
  readonly refused: number;
  readonly evictions: number;
  /** Answers from the second level. */
  readonly fromOthers: number;
  readonly mostBytes: number;
  readonly warnings: readonly string[];
}

const { process: number, seed, maxBytes, urls, key } = JSON.parse(process.argv[2] ?? '{}') as ProcessOptions;
const warnings: string[] = [];
const db = createDatabaseService({
  ...urls,
  bulkhead: false,
  breaker: false,
  applicationName: `cache-soak-${number}`,
  pools: { direct: { max: 10 } },
  cache: {
    ...{ listen: true, maxBytes, ttlMs: 600_000, emptyTtlMs: 600_000 },
    secondLevel:
      key === undefined ? undefined : { store: new StoreOfParent(), encryptionKeys: [key], timeoutMs: 1_000 },
  },
  onWarning: (message) => void warnings.push(message),
});
const books = new Books(number);
const beats = new Beats(number);
const errors: Record<string, number> = {};
const counts = { reads: 0, writes: 0, mostBytes: 0 };
let rounds = 0;
/** Of the writes whose way to the other process is timed; the others are the load beside them. */
const BEAT_MS = 20;
const LOOK_MS = 1;
/** How often a question is asked in a row, on average. */
const MEAN_BURST = 8;
/** What is asked again and again, and kept for longer than the soak takes. */
const PROBES: Readonly<Record<string, (probe: DatabaseHandle) => Promise<unknown>>> = {
  notes: (probe) => probe.select('notes', { columns: ['id'], orderBy: 'id', cache: true }),
  audit: (probe) => probe.count('audit', { cache: true }),
  shed: (probe) => probe.count('shed', { cache: true }),
};

/** Lets through that many a second, one after the other. */
function pace(rate: number): () => Promise<void> {
  let next = monotonic();
  return async () => {
    next = Math.max(next + 1_000 / rate, monotonic());
    const wait = next - monotonic();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
  };
}

async function one([, name, run]: Named, task: Task): Promise<void> {
  try {
    await run(task, handleOf(task));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const what = `${name}: ${code ?? message}`;
    errors[what] = (errors[what] ?? 0) + 1;
  }
}

async function work({ operations, rate, writeShare }: WorkOptions): Promise<void> {
  const turn = pace(rate);
  let left = operations;
  const lane = async (of: Omit<Task, 'random'>, lane: number): Promise<void> => {
    const random = new SeededRandom(lane);
    while (left > 0) {
      const isWrite = random.chance(writeShare * MEAN_BURST);
      const named = drawn(random, isWrite ? WRITES : READS);
      // The same is asked several times in a row, as it is by those who use a cache.
      const burst = isWrite ? 1 : 1 + random.below(2 * MEAN_BURST - 1);
      const question = random.below(2 ** 31);
      if (isWrite) await turn();
      left -= burst;
      for (let i = 0; i < burst; i++) await one(named, { ...of, random: new SeededRandom(question) });
      counts[isWrite ? 'writes' : 'reads'] += burst;
      counts.mostBytes = Math.max(counts.mostBytes, db.cache.stats().bytes);
      // Answers from memory take no turn of the event loop, and others wait for theirs.
      await new Promise(setImmediate);
    }
  };
  const lanes: Promise<void>[] = [];
  for (let user = 0; user < USERS; user++) {
    for (let task = 0; task < TASKS; task++) {
      rounds += 1;
      // Those who share a second level ask alike, so that they find each other's answers.
      const own = key === undefined ? number : 0;
      lanes.push(lane({ db, books, user, process: number, task }, seed * 100_000 + rounds * 2 + own));
    }
  }
  const probe = db.as(user({ sub: PROBE }));
  let isOver = false;
  const beating = async (): Promise<void> => {
    while (!isOver) {
      await turn();
      await beats.write(probe);
      counts.writes += 1;
      await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
    }
  };
  const watched = Promise.all([beating(), beats.look(probe, LOOK_MS, () => isOver)]);
  await Promise.all(lanes);
  isOver = true;
  await watched;
}

function heap(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('The heap cannot be measured without --expose-gc.');
  for (let i = 0; i < 3; i++) gc();
  return process.memoryUsage().heapUsed;
}

function sum(): ProcessSum {
  const { hits, misses, shared, stale, refused, evictions, secondLevel } = db.cache.stats();
  const notKept = Object.values(refused).reduce((all, each) => all + each, 0);
  const { faults } = books;
  return {
    ...{
      faults,
      written: beats.written,
      shown: beats.shown,
      errors,
      ...counts,
      hits,
      misses,
      shared,
      stale,
      refused: notKept,
      evictions,
      fromOthers: secondLevel?.hits ?? 0,
    },
    warnings,
  };
}

const ASKED: Readonly<Record<string, (given: never) => unknown>> = {
  work,
  look: async (name: string) => JSON.stringify(await PROBES[name]?.(db.as(user({ sub: PROBE })))),
  heap,
  flush: () => db.cache.flush(),
  progress: () => ({ ...counts, faults: books.faults, hits: db.cache.stats().hits }),
  sum,
  end: async () => {
    await db.close();
    setImmediate(() => process.disconnect());
  },
};

process.on('message', async ({ id, ask, given }: { id: number; ask: string; given: unknown }) => {
  // The answer of the store.
  if (ask === undefined) return;
  try {
    process.send?.({ id, answer: await ASKED[ask]?.(given as never) });
  } catch (error) {
    process.send?.({ id, error: String((error as Error).stack) });
  }
});
process.send?.({ id: 0 });
