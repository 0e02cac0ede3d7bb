import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallOptions,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  service,
  type TransactionHandle,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { LoopWatch } from '../support/journal/loop-watch.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

const LIMIT_MS = 500;
/** What the contract allows, and what a loaded machine may add. */
const ALLOWED_LATE_MS = 250 + 100;
const SQL = 'create table notes (id int primary key); insert into notes select generate_series(1, 100)';

const insert = (tx: TransactionHandle, id = 1_000) => tx.insert('notes', { id }, { returning: false });

/** What goes on when the network swallows everything from then on; each begins with a transaction that works. */
type Work = (tx: TransactionHandle, swallow: () => void) => Promise<unknown>;
const WORK: Readonly<Record<string, Work>> = {
  'that rests': async (tx, swallow) => {
    await insert(tx);
    swallow();
    await new Promise(() => {});
  },
  'whose work throws': async (tx, swallow) => {
    await insert(tx);
    swallow();
    throw new RangeError('thrown by the work');
  },
  'whose work throws after a statement was not answered': async (tx, swallow) => {
    swallow();
    await insert(tx);
  },
  'that catches that a statement was not answered': async (tx, swallow) => {
    swallow();
    await insert(tx).catch(() => undefined);
    await insert(tx, 1_001).catch(() => undefined);
  },
  'that commits': async (tx, swallow) => {
    await insert(tx);
    swallow();
  },
  'that opens a nested one': (tx, swallow) => {
    swallow();
    return tx.transaction((inner) => insert(inner));
  },
  'that ends a nested one': (tx, swallow) =>
    tx.transaction(async (inner) => {
      await insert(inner);
      swallow();
    }),
  'that undoes a nested one': (tx, swallow) =>
    tx.transaction(async (inner) => {
      await insert(inner);
      swallow();
      throw new RangeError('thrown by the nested work');
    }),
  'that rests in a nested one': (tx, swallow) =>
    tx.transaction(async (inner) => {
      await insert(inner);
      swallow();
      await new Promise(() => {});
    }),
  'that explains': async (tx, swallow) => {
    swallow();
    await tx.explain(tx.build.select('notes'), { analyze: true });
  },
  'that streams': async (tx, swallow) => {
    for await (const _row of tx.stream('notes', { batchSize: 1 })) swallow();
  },
  'that leaves a stream': async (tx, swallow) => {
    for await (const _row of tx.stream('notes', { batchSize: 1 })) {
      swallow();
      break;
    }
  },
  'whose consumer of a stream throws': async (tx, swallow) => {
    for await (const _row of tx.stream('notes', { batchSize: 1 })) {
      swallow();
      throw new RangeError('thrown by the consumer');
    }
  },
};

describeFullStack('in a black hole', () => {
  let database: TestDatabase;
  let proxy: FaultyProxy;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;
  const loop = new LoopWatch();

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());
  afterAll(() => loop.stop());

  /** How a call ended, and how long after its limit, not counting for how long this process stood still meanwhile. */
  async function settled(call: () => Promise<unknown>): Promise<{ error: unknown; lateMs: number }> {
    const deadline = performance.now() + LIMIT_MS;
    const error: unknown = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const endedAt = performance.now();
    return { error, lateMs: endedAt - deadline - loop.stoodStill(deadline, endedAt) };
  }

  describe.each(['direct', 'session'] as const)('in %s mode', (mode) => {
    beforeEach(async () => {
      proxy = new FaultyProxy({ upstream: readConnectionUrl(database.service[mode]).address });
      const url = throughAddress(database.service[mode], await proxy.start());
      db = createDatabaseService({ [mode]: url, pools: { [mode]: { max: 2 } }, onWarning: () => {} });
      mine = db.as(service());
      await mine.transaction((tx) => tx.count('notes'));
    });
    afterEach(async () => {
      await db.close({ drainMs: 0 });
      await proxy.stop();
    });

    describe.each(Object.entries(WORK))('a transaction %s', (_name, work) => {
      it('settles by its deadline', async () => {
        const { error, lateMs } = await settled(() =>
          mine.transaction((tx) => work(tx, () => proxy.blackHole()), { timeoutMs: LIMIT_MS }),
        );
        expect(error).toBeInstanceOf(Error);
        expect(lateMs, `late by ${Math.round(lateMs)}`).toBeLessThan(ALLOWED_LATE_MS);
      });
    });

    describe.each(Object.entries(WORK))('a transaction %s', (_name, work) => {
      it('settles by its signal', async () => {
        const { error, lateMs } = await settled(() =>
          mine.transaction((tx) => work(tx, () => proxy.blackHole()), {
            signal: AbortSignal.timeout(LIMIT_MS),
          }),
        );
        expect(error).toBeInstanceOf(Error);
        expect(lateMs, `late by ${Math.round(lateMs)}`).toBeLessThan(ALLOWED_LATE_MS);
      });
    });

    it('a transaction whose COMMIT was not answered may have been committed', async () => {
      const { error } = await settled(() =>
        // Time enough to come as far as its COMMIT on any machine.
        mine.transaction((tx) => WORK['that commits']!(tx, () => proxy.blackHole()), { timeoutMs: 3_000 }),
      );
      expect(error).toBeInstanceOf(DatabaseError);
      expect(error).toMatchObject({ outcome: 'unknown' });
    });

    it('a transaction settles though it cannot begin', async () => {
      proxy.blackHole();
      const { error, lateMs } = await settled(() =>
        mine.transaction((tx) => insert(tx), { timeoutMs: LIMIT_MS }),
      );
      expect(error).toMatchObject({ outcome: 'not-applied' });
      expect(lateMs, `late by ${Math.round(lateMs)}`).toBeLessThan(ALLOWED_LATE_MS);
    });

    /** Fetches of cursors, when each has its answer. */
    const answeredFetches = () =>
      proxy.counts.syncs === proxy.counts.readyForQueries
        ? proxy.batches.filter(({ sql }) => sql.some((text) => text.startsWith('fetch'))).length
        : 0;

    /** A stream that has its first row, and the next one fetched, when the network swallows everything. */
    async function restingStream(limit: CallOptions): Promise<AsyncIterator<unknown>> {
      const rows = mine.stream('notes', { batchSize: 1, ...limit })[Symbol.asyncIterator]();
      await rows.next();
      await expect.poll(answeredFetches).toBe(2);
      await mine.count('notes');
      proxy.blackHole();
      return rows;
    }

    async function drained(rows: AsyncIterator<unknown>): Promise<void> {
      while ((await rows.next()).done !== true);
    }

    it.each<[string, (rows: AsyncIterator<unknown>) => Promise<unknown>]>([
      ['goes on', drained],
      ['leaves it', (rows) => rows.return!()],
    ])('a stream whose consumer %s settles by its deadline', async (_name, go) => {
      const { lateMs } = await settled(async () => go(await restingStream({ timeoutMs: LIMIT_MS })));
      expect(lateMs, `late by ${lateMs}`).toBeLessThan(ALLOWED_LATE_MS);
    });

    it.each<[string, number, (rows: AsyncIterator<unknown>) => Promise<unknown>]>([
      ['goes on soon', LIMIT_MS + 100, drained],
      ['goes on later', LIMIT_MS + ALLOWED_LATE_MS, drained],
      ['leaves soon', LIMIT_MS + 100, (rows) => rows.return!()],
      ['leaves later', LIMIT_MS + ALLOWED_LATE_MS, (rows) => rows.return!()],
    ])('a stream whose consumer rested until its signal and %s settles then', async (_name, restMs, go) => {
      const limit = new AbortController();
      const rows = await restingStream({ signal: limit.signal });
      // From here on: a busy machine takes its time until the stream rests.
      const rested = AbortSignal.timeout(restMs);
      AbortSignal.timeout(LIMIT_MS).addEventListener('abort', () => limit.abort());
      await new Promise((resolve) => rested.addEventListener('abort', resolve));
      const { lateMs } = await settled(() => go(rows));
      expect(lateMs + LIMIT_MS, `late by ${lateMs}`).toBeLessThan(ALLOWED_LATE_MS);
    });

    it.each<[string, number]>([
      ['at', LIMIT_MS],
      ['after', LIMIT_MS + ALLOWED_LATE_MS],
    ])(
      'a stream inside a transaction whose consumer rested until %s its deadline settles',
      async (_name, restMs) => {
        const rested = AbortSignal.timeout(restMs);
        const { lateMs } = await settled(() =>
          mine.transaction(
            async (tx) => {
              for await (const _row of tx.stream('notes', { batchSize: 1 })) {
                proxy.blackHole();
                await new Promise((resolve) => rested.addEventListener('abort', resolve));
              }
            },
            { timeoutMs: LIMIT_MS },
          ),
        );
        expect(lateMs, `late by ${lateMs}`).toBeLessThan(ALLOWED_LATE_MS);
      },
    );

    it.each<[string, () => Promise<unknown>]>([
      ['a read', () => mine.select('notes', { timeoutMs: LIMIT_MS })],
      ['a write', () => mine.insert('notes', { id: 2_000 }, { timeoutMs: LIMIT_MS })],
      ['a batch', () => mine.batch([mine.build.count('notes')], { timeoutMs: LIMIT_MS })],
      ['raw SQL', () => mine.sql({ timeoutMs: LIMIT_MS })`select 1`],
      ['an explain', () => mine.explain(mine.build.select('notes'), { analyze: true, timeoutMs: LIMIT_MS })],
      ['a notification', () => mine.notify('somewhere', 'x', { timeoutMs: LIMIT_MS })],
    ])('%s settles by its deadline', async (_name, call) => {
      proxy.blackHole();
      const { error, lateMs } = await settled(call);
      expect(error).toBeInstanceOf(DatabaseError);
      expect(lateMs, `late by ${Math.round(lateMs)}`).toBeLessThan(ALLOWED_LATE_MS);
    });
  });
});
