import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, fragment, service, user } from '../../src/index.ts';
import { describeEveryMode, PINNED, refusalOf } from './every-mode.ts';

const SQL = `
  create table journal (id int primary key, who text not null default current_user);
  grant insert, select on journal to public;
  create procedure keep(wanted int) language plpgsql as $$ begin insert into journal values (wanted); commit; end $$;
  create procedure keep_and_fail(wanted int) language plpgsql as $$
    begin insert into journal values (wanted); commit; perform 1 / 0; end $$;
  create procedure keep_twice() language plpgsql as $$
    begin insert into journal values (1); commit; insert into journal values (2); end $$;
  create procedure undo_and_keep() language plpgsql as $$
    begin insert into journal values (1); rollback; insert into journal values (2); end $$;
  create procedure end_and_fail() language plpgsql as $$ begin commit; perform 1 / 0; end $$;
  create procedure double(inout n int) language plpgsql as $$ begin insert into journal values (n); n := n * 2; end $$;
`;
const SUB = '00000000-0000-4000-8000-00000000000a';
const ANN = user({ sub: SUB });

const OWNING = { ownTransactions: true } as const;

/** Each commits a row by itself, and then fails or goes on. */
const COMMITTING: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  'a do block that fails after it': (db) =>
    db.sql`do $$ begin insert into journal values (1); commit; perform 1 / 0; end $$`,
  'a do block that goes on': (db) =>
    db.sql`do $$ begin insert into journal values (1); commit; insert into journal values (2); end $$`,
  'a do block that names its language and follows a comment': (db) =>
    db.sql`/* all; of; it */ -- now
      DO LANGUAGE plpgsql $$ begin insert into journal values (1); commit; perform 1 / 0; end $$`,
  'a do block that rolls back and goes on': (db) =>
    db.sql`do $$ begin insert into journal values (1); rollback; insert into journal values (2); end $$`,
  'a do block that commits in a loop': (db) =>
    db.sql`do $$ begin for i in 1..3 loop insert into journal values (i); commit; end loop; perform 1 / 0; end $$`,
  'a procedure that ends with it': (db) => db.sql`call keep(${1})`,
  'a procedure that fails after it': (db) => db.sql`call keep_and_fail(${1})`,
  'a procedure that goes on': (db) => db.sql`call keep_twice()`,
  'a procedure that rolls back and goes on': (db) => db.sql`call undo_and_keep()`,
  'a procedure called from a do block': (db) => db.sql`do $$ begin call keep_and_fail(1); end $$`,
  'a procedure within a fragment': (db) => db.sql`${fragment`call keep_and_fail(${1})`}`,
};

describeEveryMode('raw SQL that commits by itself', SQL, (modes) => {
  const journal = async (mode: (typeof PINNED)[number]) =>
    (await modes.query<{ id: number }>(mode, 'select id from journal order by id')).map(({ id }) => id);

  describe.each(PINNED)('in %s mode', (mode) => {
    describe.each([
      ['a user', ANN],
      ['the service', service()],
    ] as const)('as %s', (_name, identity) => {
      it.each(Object.entries(COMMITTING))(
        'is refused by the server and stores nothing: %s',
        async (_case, call) => {
          await modes.query(mode, 'truncate journal');
          await using db = modes.service(mode);
          const error = await refusalOf(() => call(db.as(identity)));
          expect(await journal(mode)).toEqual([]);
          expect(error).toMatchObject({ outcome: 'not-applied', sqlState: '2D000' });
        },
      );
    });

    it('is refused as a read too, whose failure changes nothing', async () => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(ANN).sql({ access: 'read' })`call end_and_fail()`);
      expect(error).toMatchObject({ outcome: 'not-applied', sqlState: '2D000' });
    });

    it('is refused as well inside a transaction, which stores nothing', async () => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      const error = await refusalOf(() =>
        db.as(service()).transaction(async (tx) => {
          await tx.insert('journal', { id: 9 });
          await tx.sql`do $$ begin insert into journal values (1); commit; perform 1 / 0; end $$`;
        }),
      );
      expect(await journal(mode)).toEqual([]);
      expect(error).toMatchObject({ outcome: 'not-applied', sqlState: '2D000' });
    });

    it('is done without its commit, by the identity of the call, and answers with what it returns', async () => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      expect(await db.as(ANN).sql`do $$ begin insert into journal values (1); end $$`).toEqual([]);
      expect(await db.as(ANN).sql`call double(${21})`).toEqual([{ n: 42 }]);
      expect(await modes.query(mode, 'select id, who from journal order by id')).toEqual([
        { id: 1, who: 'authenticated' },
        { id: 21, who: 'authenticated' },
      ]);
    });

    it('is never let own its transactions as a user', async () => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(ANN).sql(OWNING)`call keep(${1})`);
      expect(error).toMatchObject({
        name: 'UsageError',
        code: 'SERVICE_ONLY',
        outcome: 'not-applied',
      });
      expect(await journal(mode)).toEqual([]);
    });
  });

  it.each(['direct', 'session'] as const)(
    'says that nobody can know, where the service lets it own its transactions and it fails, in %s mode',
    async (mode) => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).sql(OWNING)`call keep_and_fail(${1})`);
      expect(error).toMatchObject({ outcome: 'unknown', sqlState: '22012' });
      expect(await journal(mode)).toEqual([1]);
      expect(await db.as(service()).sql(OWNING)`call keep(${2})`).toEqual([]);
      expect(await journal(mode)).toEqual([1, 2]);
    },
  );

  describe.each(['direct', 'session'] as const)('that owns its transactions in %s mode', (mode) => {
    it('stays who it acts as behind its commits, and leaves nothing to the next caller', async () => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      await db.as(service()).sql(OWNING)`do $$ begin
        for i in 1..3 loop insert into journal values (i); commit; end loop; end $$`;
      expect(await modes.query(mode, 'select id, who from journal order by id')).toEqual(
        [1, 2, 3].map((id) => ({ id, who: 'service_role' })),
      );
      expect(
        await db.as(ANN)
          .sql`select current_user::text as role, auth.uid()::text as uid, auth.role() as claimed`,
      ).toEqual([{ role: 'authenticated', uid: SUB, claimed: 'authenticated' }]);
    });

    it('leaves unknown what it did when its time is over', async () => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      // The connection is open before the time runs.
      await db.as(service()).sql`select 1`;
      const error = await refusalOf(
        () =>
          db.as(service()).sql({ ...OWNING, timeoutMs: 1_500 })`do $$ begin
            insert into journal values (1); commit; perform pg_sleep(20); end $$`,
      );
      expect(error.outcome).toBe('unknown');
      expect(await journal(mode)).toEqual([1]);
    });

    it('is not available inside a transaction, as a read, or for SQL that cannot commit', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      const inside = await refusalOf(() => mine.transaction((tx) => tx.sql(OWNING)`call keep(${1})`));
      expect(inside).toMatchObject({ code: 'UNSUPPORTED', outcome: 'not-applied' });
      const reading = await refusalOf(() => mine.sql({ ...OWNING, access: 'read' })`call keep(${1})`);
      expect(reading).toMatchObject({ code: 'INVALID_OPTION' });
      const query = await refusalOf(() => mine.sql(OWNING)`select 1 as one`);
      expect(query).toMatchObject({ code: 'INVALID_OPTION' });
      expect(await refusalOf(() => mine.sql({ ownTransactions: 1 as never })`call keep(${1})`)).toMatchObject(
        { code: 'INVALID_OPTION' },
      );
    });

    it('is refused in words that help where it was not asked for', async () => {
      await modes.query(mode, 'truncate journal');
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).sql`call keep(${1})`);
      expect(error).toMatchObject({ name: 'UsageError', code: 'TRANSACTION_CONTROL' });
      expect(error.hint).toContain('ownTransactions');
    });
  });

  it.each(Object.entries(COMMITTING))(
    'is refused in transaction mode before it is sent: %s',
    async (_case, call) => {
      await modes.query('transaction', 'truncate journal');
      await using db = modes.service('transaction');
      const error = await refusalOf(() => call(db.as(service())));
      expect(error.outcome).toBe('not-applied');
      expect(await journal('direct')).toEqual([]);
    },
  );
});
