import { describe, expect, it } from 'vitest';
import { fragment, type Querying, service, TimeoutError, type UntypedDatabase } from '../../src/index.ts';
import { describeEveryMode, PINNED } from './every-mode.ts';

const ROWS = 100;
const SCHEMA = `
  create table notes (id int primary key);
  insert into notes select generate_series(1, ${ROWS});
  grant all on notes to service_role;
`;

type Streams = Pick<Querying<UntypedDatabase[string]>, 'stream'>;
type Source = (db: Streams, signal: AbortSignal, batchSize: number) => AsyncIterable<Record<string, unknown>>;

const SOURCES: Readonly<Record<string, Source>> = {
  'a table': (db, signal, batchSize) => db.stream('notes', { orderBy: 'id', batchSize, signal }),
  'raw SQL': (db, signal, batchSize) =>
    db.stream(fragment`select id from notes order by id`, { batchSize, signal }),
};

/** Reads until the abort, and on; what came, and how it ended. */
async function readPastAbort(db: Streams, source: Source, batchSize: number, abortAt: number) {
  const controller = new AbortController();
  const rows = source(db, controller.signal, batchSize)[Symbol.asyncIterator]();
  const seen: unknown[] = [];
  try {
    for (let next = await rows.next(); next.done !== true; next = await rows.next()) {
      seen.push(next.value.id);
      // Time for the next batch to be fetched and kept ready.
      if (next.value.id === abortAt) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.abort();
      }
    }
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

describeEveryMode('a stream after an abort', SCHEMA, (modes) => {
  describe.each(PINNED)('in %s mode', (mode) => {
    it.each(
      Object.keys(SOURCES).flatMap((source) =>
        [
          ['in the middle of a batch', 10, 15],
          ['at the end of a batch', 10, 20],
          ['in the last batch', 1_000, 15],
          ['with one row a batch', 1, 15],
        ].map(([where, batchSize, at]) => [source, where, batchSize, at] as [string, string, number, number]),
      ),
    )('yields nothing more: %s, %s', async (source, _where, batchSize, at) => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      const { seen, error } = await readPastAbort(db, SOURCES[source]!, batchSize, at);
      expect(seen).toEqual(Array.from({ length: at }, (_, index) => index + 1));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
      expect(await db.count('notes')).toBe(ROWS);
    });

    it('yields nothing more inside a transaction either', async () => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      await db
        .transaction(async (tx) => {
          const { seen, error } = await readPastAbort(tx, SOURCES['a table']!, 10, 15);
          expect(seen).toHaveLength(15);
          expect(error).toMatchObject({ code: 'ABORTED' });
          throw new RangeError('leave');
        })
        .catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
      expect(await db.count('notes')).toBe(ROWS);
    });

    it('that came before its first row yields none', async () => {
      await using handle = modes.service(mode);
      const signal = AbortSignal.abort();
      const read = async () => {
        for await (const _ of SOURCES['a table']!(handle.as(service()), signal, 10))
          expect.fail('a row came');
      };
      await expect(read()).rejects.toMatchObject({ code: 'ABORTED' });
    });

    describe('inside a transaction', () => {
      /** Ends a stream in one of the ways below, and then goes on. */
      async function goesOn(end: (tx: Streams) => Promise<unknown>, code?: string) {
        await using handle = modes.service(mode);
        await handle.as(service()).transaction(async (tx) => {
          const error: unknown = await end(tx as never).catch((thrown: unknown) => thrown);
          if (code === undefined) expect(error).toBeUndefined();
          else expect(error).toMatchObject({ code, outcome: 'not-applied' });
          expect(await tx.sql`select name from pg_cursors where name <> ''`).toEqual([]);
          expect(await tx.count('notes')).toBe(ROWS);
        });
      }

      it('goes on where its consumer leaves', () =>
        goesOn(async (tx) => {
          for await (const _ of tx.stream('notes', { batchSize: 10 })) break;
        }));

      it('goes on where its consumer was aborted while it rested, and leaves no cursor', () =>
        goesOn(async (tx) => {
          const controller = new AbortController();
          for await (const _ of tx.stream('notes', { batchSize: 10, signal: controller.signal })) {
            controller.abort();
          }
        }, 'ABORTED'));

      it('goes on where its consumer rested beyond its deadline, and leaves no cursor', () =>
        goesOn(async (tx) => {
          const deadline = performance.now() + 2_000;
          for await (const _ of tx.stream('notes', { batchSize: 10, timeoutMs: 2_000 })) {
            // In the first batch, with the next one ready: whatever a machine takes for both, it rests when its time is over.
            await new Promise((resolve) => setTimeout(resolve, deadline - performance.now() + 50));
          }
        }, 'TIMEOUT'));
    });
  });

  // The embedded database cannot be stopped while it computes.
  describe.each(['direct', 'session'] as const)('in %s mode, inside a transaction', (mode) => {
    it.each(['ABORTED', 'TIMEOUT'])('while rows are fetched ends its transaction as %s', async (code) => {
      await using handle = modes.service(mode);
      const controller = new AbortController();
      const limit = code === 'ABORTED' ? { signal: controller.signal } : { timeoutMs: 100 };
      const told = { code, outcome: 'not-applied' };
      const done = handle.as(service()).transaction(async (tx) => {
        const rows = tx.stream(fragment`select id, pg_sleep(0.02) from notes`, {
          batchSize: 100,
          ...limit,
        });
        const first = rows[Symbol.asyncIterator]().next();
        setTimeout(() => controller.abort(), 50);
        await expect(first).rejects.toMatchObject(told);
        await expect(tx.count('notes')).rejects.toMatchObject(told);
      });
      await expect(done).rejects.toMatchObject(told);
      expect(await handle.as(service()).count('notes')).toBe(ROWS);
    });
  });
});
