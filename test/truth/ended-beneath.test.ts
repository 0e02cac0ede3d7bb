import { beforeEach, describe, expect, it } from 'vitest';
import { fragment, type ModeName, service, type TransactionHandle, user } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const ME = '00000000-0000-4000-8000-00000000000a';
const OTHER = '00000000-0000-4000-8000-00000000000b';

const SQL = `
  create table notes (id int primary key, owner uuid default auth.uid());
  alter table notes enable row level security;
  create policy own on notes to authenticated
    using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
  create table shelf (id int primary key);
`;

/** Each begins, chains, prepares or ends a transaction. */
const CONTROL: Readonly<Record<string, (tx: TransactionHandle) => Promise<unknown>>> = {
  commit: (tx) => tx.sql`commit`,
  'commit work': (tx) => tx.sql`COMMIT WORK;`,
  'commit and chain': (tx) => tx.sql`commit and chain`,
  'commit and chain behind comments': (tx) => tx.sql`/* a /* b */ */ -- c
    commit /* d */ transaction and chain`,
  'commit within a fragment': (tx) => tx.sql`${fragment`commit and chain`}`,
  end: (tx) => tx.sql`end`,
  'end and chain': (tx) => tx.sql`end transaction and chain`,
  rollback: (tx) => tx.sql`rollback`,
  'rollback and chain': (tx) => tx.sql`rollback and chain`,
  abort: (tx) => tx.sql`abort`,
  'abort and chain': (tx) => tx.sql`abort and chain`,
  'prepare transaction': (tx) => tx.sql`prepare transaction 'kept'`,
  'commit prepared': (tx) => tx.sql`commit prepared 'kept'`,
  'rollback prepared': (tx) => tx.sql`rollback prepared 'kept'`,
  begin: (tx) => tx.sql`begin`,
  'start transaction': (tx) => tx.sql`start transaction read only`,
};
/** Each takes away who the transaction acts as, or what it is held to. */
const SHIFTS: Readonly<Record<string, (tx: TransactionHandle) => Promise<unknown>>> = {
  'reset role': (tx) => tx.sql`reset role`,
  'set role': (tx) => tx.sql`set role anon`,
  'set local role': (tx) => tx.sql`set local role anon`,
  'set session authorization': (tx) => tx.sql`set session authorization default`,
  'reset all': (tx) => tx.sql`reset all`,
  'other claims': (tx) =>
    tx.sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: OTHER, role: 'authenticated' })}, true)`,
  'other claims by their old name': (tx) =>
    tx.sql`select set_config('request.jwt.claim.sub', ${OTHER}, true)`,
  'other claims for the session': (tx) =>
    tx.sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: OTHER })}, false)`,
  'another search path': (tx) => tx.sql`set local search_path = pg_catalog`,
  'deallocate all': (tx) => tx.sql`deallocate all`,
  'row security': (tx) => tx.sql`set local row_security = off`,
  'a time zone': (tx) => tx.sql`set local timezone = 'Asia/Tokyo'`,
  'another role through a stream': async (tx) => {
    for await (const row of tx.stream(fragment`select set_config('role', 'anon', true) as role`))
      expect(row).toEqual({ role: 'anon' });
  },
};

describeEveryMode('a transaction and raw SQL inside it', SQL, (modes) => {
  const ids = async (mode: ModeName) =>
    (await modes.query<{ id: number }>(mode, 'select id from shelf order by id')).map(({ id }) => id);

  describe.each(PINNED)('in %s mode', (mode) => {
    beforeEach(async () => {
      await modes.query(mode, 'truncate shelf, notes');
    });

    describe.each(Object.entries(CONTROL))('%s', (_name, control) => {
      it('is refused before it is sent, and the transaction goes on', async () => {
        await using db = modes.service(mode);
        await db.as(service()).transaction(async (tx) => {
          await tx.insert('shelf', { id: 1 });
          expect(await refusalOf(() => control(tx))).toMatchObject({
            name: 'UsageError',
            code: 'TRANSACTION_CONTROL',
            sqlState: undefined,
            outcome: 'not-applied',
          });
          await tx.insert('shelf', { id: 2 });
        });
        expect(await ids(mode)).toEqual([1, 2]);
      });

      it('does not commit what is undone when the function throws, without saying so', async () => {
        await using db = modes.service(mode);
        const error = await refusalOf(() =>
          db.as(service()).transaction(async (tx) => {
            await tx.insert('shelf', { id: 1 });
            await control(tx);
            await tx.sql`select 1 / ${0}::int`;
          }),
        );
        if ((await ids(mode)).length > 0) expect(error.outcome).toBe('unknown');
      });

      it('lets nothing run as the login, in a nested transaction either', async () => {
        await using db = modes.service(mode);
        const roles: unknown[] = [];
        const look = async (tx: TransactionHandle) => {
          const [row] = await tx.sql<{ role: string }>`select current_user::text as role`;
          roles.push(row?.role);
        };
        for (const nested of [false, true]) {
          const work = async (tx: TransactionHandle) => {
            await control(tx).catch(() => undefined);
            await look(tx);
          };
          await db
            .as(user({ sub: ME }))
            .transaction((tx) => (nested ? tx.transaction(work) : work(tx)))
            .catch(() => undefined);
        }
        expect(roles.filter((role) => role !== 'authenticated')).toEqual([]);
      });
    });

    it('savepoints of its own can be made, released and rolled back to', async () => {
      await using db = modes.service(mode);
      await db.as(service()).transaction(async (tx) => {
        await tx.insert('shelf', { id: 1 });
        await tx.sql`savepoint a`;
        await tx.insert('shelf', { id: 2 });
        await tx.sql`rollback to savepoint a`;
        await refusalOf(() => tx.insert('shelf', { id: 1 }));
        await tx.sql`rollback work to a`;
        await tx.sql`release a`;
        await tx.insert('shelf', { id: 3 });
      });
      expect(await ids(mode)).toEqual([1, 3]);
    });

    it('commit inside a do block is refused by the server', async () => {
      await using db = modes.service(mode);
      const error = await refusalOf(() =>
        db.as(service()).transaction(async (tx) => {
          await tx.insert('shelf', { id: 1 });
          await tx.sql`do $$ begin commit; end $$`;
        }),
      );
      expect(error).toMatchObject({ sqlState: '2D000', outcome: 'not-applied' });
      expect(await ids(mode)).toEqual([]);
    });

    describe.each(Object.entries(SHIFTS))('%s', (_name, shift) => {
      const seen = (tx: TransactionHandle) => tx.sql`
        select current_user::text as role, auth.uid()::text as uid, current_setting('search_path') as path,
          current_setting('row_security') as held, current_setting('TimeZone') as zone`;

      it('ends with its own statement', async () => {
        await using db = modes.service(mode);
        await db.as(user({ sub: ME })).transaction(async (tx) => {
          const before = await seen(tx);
          await shift(tx);
          expect(await seen(tx)).toEqual(before);
          await tx.insert('notes', { id: 1 });
          expect(await tx.select('notes')).toEqual([{ id: 1, owner: ME }]);
        });
        expect(await modes.query(mode, 'select owner::text from notes')).toEqual([{ owner: ME }]);
      });

      it('ends with its own statement in a nested transaction', async () => {
        await using db = modes.service(mode);
        await db.as(user({ sub: ME })).transaction(async (tx) => {
          const before = await seen(tx);
          await tx.transaction(async (inner) => {
            await shift(inner);
            expect(await seen(inner)).toEqual(before);
          });
          expect(await seen(tx)).toEqual(before);
        });
      });
    });
  });

  it.each(
    MODES.flatMap((mode) => Object.entries(CONTROL).map(([name, control]) => [mode, name, control] as const)),
  )('in %s mode outside of a transaction leaves nothing open: %s', async (mode, _name, control) => {
    await using db = modes.service(mode);
    const mine = db.as(user({ sub: ME }));
    await control(mine as unknown as TransactionHandle).catch(() => undefined);
    expect(await mine.sql`select current_user::text as role, auth.uid()::text as uid`).toEqual([
      { role: 'authenticated', uid: ME },
    ]);
  });
});
