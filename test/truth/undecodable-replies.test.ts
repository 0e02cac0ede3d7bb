import { describe, expect, it } from 'vitest';
import { service, type TransactionHandle } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

/** A number of the database that no number of JavaScript holds. */
const TOO_LARGE = '9007199254740993';

const SQL = `
  create table counters (id int primary key, n int8);
  create function count_up(wanted int) returns int8 language sql volatile
    as $$ insert into counters values (wanted, ${TOO_LARGE}) returning n $$;
  create function count_up_rows(wanted int) returns setof counters language sql volatile
    as $$ insert into counters values (wanted, ${TOO_LARGE}) returning * $$;
`;

/** Each writes row 1, and its answer cannot be read. Row 0 is there before. */
const WRITES: Readonly<Record<string, (tx: TransactionHandle) => Promise<unknown>>> = {
  insert: (tx) => tx.insert('counters', { id: 1, n: TOO_LARGE }),
  'insert of several rows': (tx) => tx.insert('counters', [{ id: 1, n: TOO_LARGE }]),
  update: (tx) => tx.update('counters', { id: 1, n: TOO_LARGE }, { filters: { id: 0 } }),
  upsert: (tx) => tx.upsert('counters', { id: 1, n: TOO_LARGE }),
  rpc: (tx) => tx.rpc('count_up', { wanted: 1 }),
  'rpc of a function that returns rows': (tx) => tx.rpc('count_up_rows', { wanted: 1 }),
  batch: (tx) => tx.batch([tx.build.count('counters'), tx.build.insert('counters', { id: 1, n: TOO_LARGE })]),
  'raw SQL': (tx) => tx.sql`insert into counters values (1, ${TOO_LARGE}::int8) returning n`,
  'raw SQL with a list of results': (tx) =>
    tx.sql`insert into counters values (1, ${TOO_LARGE}::int8) returning array[n] as list`,
};

describeEveryMode('an answer that cannot be read', SQL, (modes) => {
  const reset = (mode: (typeof MODES)[number]) =>
    modes.query(mode, 'truncate counters; insert into counters values (0, 7)');
  const written = async (mode: (typeof MODES)[number]) =>
    (await modes.query<{ id: number }>(mode, 'select id from counters where id > 0 order by id')).map(
      ({ id }) => id,
    );

  describe.each(PINNED)('inside a transaction in %s mode', (mode) => {
    it.each(Object.entries(WRITES))(
      'lets the transaction only roll back, though its error is caught: %s',
      async (_name, write) => {
        await reset(mode);
        await using db = modes.service(mode);
        let caught: unknown;
        const error = await refusalOf(() =>
          db.as(service()).transaction(async (tx) => {
            caught = await refusalOf(() => write(tx));
            return 'the end of the function';
          }),
        );
        expect(caught).toMatchObject({ outcome: 'not-applied' });
        expect(error).toMatchObject({ outcome: 'not-applied' });
        expect(await written(mode)).toEqual([]);
      },
    );

    it.each(Object.entries(WRITES))(
      'is undone with the nested transaction that caught it, whatever the outer one does: %s',
      async (_name, write) => {
        await reset(mode);
        await using db = modes.service(mode);
        let caught: unknown;
        await db
          .as(service())
          .transaction(async (tx) => {
            await tx
              .transaction(async (inner) => {
                caught = await refusalOf(() => write(inner));
              })
              .catch(() => undefined);
          })
          .catch(() => undefined);
        expect(caught).toMatchObject({ outcome: 'not-applied' });
        expect(await written(mode)).toEqual([]);
      },
    );

    it('is undone with the nested transaction that it ends, and the outer one goes on', async () => {
      await reset(mode);
      await using db = modes.service(mode);
      await db.as(service()).transaction(async (tx) => {
        const error = await refusalOf(() =>
          tx.transaction((inner) => inner.insert('counters', { id: 1, n: TOO_LARGE })),
        );
        expect(error.outcome).toBe('not-applied');
        await tx.insert('counters', { id: 2, n: 2 });
      });
      expect(await written(mode)).toEqual([2]);
    });

    it('lets no later call of the transaction succeed as if nothing were wrong', async () => {
      await reset(mode);
      await using db = modes.service(mode);
      let later: PromiseSettledResult<unknown>[] = [];
      await db
        .as(service())
        .transaction(async (tx) => {
          await refusalOf(() => tx.insert('counters', { id: 1, n: TOO_LARGE }));
          later = await Promise.allSettled([tx.insert('counters', { id: 2, n: 2 })]);
        })
        .catch(() => undefined);
      expect(later).toMatchObject([{ status: 'rejected', reason: { outcome: 'not-applied' } }]);
      expect(await written(mode)).toEqual([]);
    });

    it('rolls all of it back when its error ends the function', async () => {
      await reset(mode);
      await using db = modes.service(mode);
      const error = await refusalOf(() =>
        db.as(service()).transaction((tx) => tx.insert('counters', { id: 1, n: TOO_LARGE })),
      );
      expect(error).toMatchObject({ code: 'NUMBER_TOO_LARGE', outcome: 'not-applied' });
      expect(await written(mode)).toEqual([]);
    });
  });

  describe.each(MODES)('outside of transactions in %s mode', (mode) => {
    it.each(Object.entries(WRITES))('is the answer to what was applied: %s', async (_name, write) => {
      await reset(mode);
      await using db = modes.service(mode);
      const error = await refusalOf(() => write(db.as(service()) as unknown as TransactionHandle));
      expect(await written(mode)).toEqual([1]);
      expect(error.outcome).toBe('applied');
      expect(JSON.stringify([error, error.message, String(error.cause)])).not.toContain(TOO_LARGE);
    });

    it('is the answer to a read, which applied nothing', async () => {
      await reset(mode);
      await modes.query(mode, 'update counters set n = $1', [TOO_LARGE]);
      await using db = modes.service(mode);
      const mine = db.as(service());
      for (const read of [
        () => mine.select('counters'),
        () => mine.sql({ access: 'read' })`select n from counters`,
        () => mine.batch([mine.build.select('counters')]),
      ]) {
        expect(await refusalOf(read)).toMatchObject({ outcome: 'not-applied' });
      }
    });
  });
});
