import { CompactSign, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Claims,
  type ConsolidatedDatabaseService,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  type ModeName,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const ME = '00000000-0000-4000-8000-00000000000a';
const SECRET = 'a shared secret of at least thirty-two characters';
const SQL = `
  create table notes (id int primary key);
  create function note(wanted int) returns int language sql volatile
    as $$ insert into notes values (wanted) returning id $$;
`;
const key = new TextEncoder().encode(SECRET);

/** The time of day as the service sees it moves on; everything else is as it is. */
let skewMs = 0;
const clock: NonNullable<DatabaseServiceOptions['clock']> = {
  now: () => performance.now(),
  wallNow: () => Date.now() + skewMs,
  schedule: (fn, ms) => timer(fn, ms),
  expireAt: (at, fn) => timer(fn, at - performance.now()),
};
function timer(fn: () => void, ms: number) {
  const handle = setTimeout(fn, ms).unref();
  return { cancel: () => clearTimeout(handle) };
}
const expire = () => {
  skewMs = 3_600_000;
};

const soon = () => Math.floor(Date.now() / 1_000) + 600;
const BEARERS: readonly (readonly [string, (db: ConsolidatedDatabaseService) => Promise<DatabaseHandle>])[] =
  [
    [
      'a token',
      async (db) =>
        db.withToken(
          await new SignJWT({ sub: ME, aud: 'authenticated' })
            .setProtectedHeader({ alg: 'HS256' })
            .setExpirationTime(soon())
            .sign(key),
        ),
    ],
    ['claims', async (db) => db.as(user({ sub: ME, exp: soon() }))],
  ];

const WRITES: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  insert: (db) => db.insert('notes', { id: 1 }),
  rpc: (db) => db.rpc('note', { wanted: 1 }),
  batch: (db) => db.batch([db.build.insert('notes', { id: 1 })]),
  'raw SQL': (db) => db.sql`insert into notes values (1) returning id`,
};

describeEveryMode('an identity that expires', SQL, (modes) => {
  const ids = async (mode: ModeName) =>
    (await modes.query<{ id: number }>(mode, 'select id from notes order by id')).map(({ id }) => id);
  const open = (mode: ModeName) => modes.service(mode, { clock, jwt: { secret: SECRET } });

  beforeEach(() => {
    skewMs = 0;
  });
  afterEach(() => {
    skewMs = 0;
  });

  describe.each(BEARERS)('by %s', (_name, bearer) => {
    describe.each(PINNED)('in %s mode', (mode) => {
      beforeEach(() => modes.query(mode, 'truncate notes'));

      const work: string[] = [];
      const WAITING: typeof WRITES = {
        ...WRITES,
        'the work of a transaction': (db) => db.transaction(async () => void work.push('begun')),
      };
      it.each(Object.entries(WAITING))(
        'while it waits for a connection does nothing: %s',
        async (_write, write) => {
          await using db = open(mode);
          const mine = await bearer(db);
          await mine.select('notes');
          const hold = Promise.withResolvers<void>();
          const held = Promise.withResolvers<void>();
          const holder = db.as(user({ sub: ME })).transaction(async (tx) => {
            await tx.count('notes');
            held.resolve();
            await hold.promise;
          });
          await held.promise;
          const waiting = refusalOf(() => write(mine));
          // Its way to the queue is made of a few turns.
          for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
          expire();
          hold.resolve();
          await holder;
          expect(await waiting).toMatchObject({ code: 'TOKEN_EXPIRED', outcome: 'not-applied' });
          expect(await ids(mode)).toEqual([]);
          expect(work).toEqual([]);
        },
      );

      it('before COMMIT commits nothing', async () => {
        await using db = open(mode);
        const mine = await bearer(db);
        const error = await refusalOf(() =>
          mine.transaction(async (tx) => {
            await tx.insert('notes', { id: 1 });
            expire();
          }),
        );
        expect(error).toMatchObject({ code: 'TOKEN_EXPIRED', outcome: 'not-applied' });
        expect(await ids(mode)).toEqual([]);
      });

      it('while it streams reads no further', async () => {
        await modes.query(mode, 'insert into notes select generate_series(1, 50)');
        await using db = open(mode);
        const rows = (await bearer(db)).stream('notes', { batchSize: 1 })[Symbol.asyncIterator]();
        await rows.next();
        expire();
        const drained = async () => {
          for (let read = 1; (await rows.next()).done !== true; read++) expect(read).toBeLessThan(5);
        };
        expect(await refusalOf(drained)).toMatchObject({ code: 'TOKEN_EXPIRED' });
      });

      it('while it streams inside a transaction reads no further', async () => {
        await modes.query(mode, 'insert into notes select generate_series(1, 50)');
        await using db = open(mode);
        const mine = await bearer(db);
        const error = await refusalOf(() =>
          mine.transaction(async (tx) => {
            let read = 0;
            for await (const _row of tx.stream('notes', { batchSize: 1 })) {
              expire();
              expect(++read).toBeLessThan(5);
            }
          }),
        );
        expect(error).toMatchObject({ code: 'TOKEN_EXPIRED' });
      });

      it.each(Object.entries(WRITES))('inside a transaction does no more: %s', async (_write, write) => {
        await using db = open(mode);
        const mine = await bearer(db);
        const error = await refusalOf(() =>
          mine.transaction(async (tx) => {
            await tx.insert('notes', { id: 2 });
            expire();
            await write(tx as unknown as DatabaseHandle);
          }),
        );
        expect(error).toMatchObject({ code: 'TOKEN_EXPIRED', outcome: 'not-applied' });
        expect(await ids(mode)).toEqual([]);
      });

      it('inside a transaction that is caught commits nothing', async () => {
        await using db = open(mode);
        const mine = await bearer(db);
        await refusalOf(() =>
          mine.transaction(async (tx) => {
            await tx.insert('notes', { id: 2 });
            expire();
            await tx.insert('notes', { id: 1 }).catch(() => undefined);
          }),
        );
        expect(await ids(mode)).toEqual([]);
      });

      it('opens no nested transaction any more', async () => {
        await using db = open(mode);
        const mine = await bearer(db);
        const error = await refusalOf(() =>
          mine.transaction(async (tx) => {
            expire();
            await tx.transaction(async (inner) => {
              await inner.insert('notes', { id: 1 });
            });
          }),
        );
        expect(error).toMatchObject({ code: 'TOKEN_EXPIRED' });
      });
    });

    it.each(MODES)('does nothing on entry, in %s mode', async (mode) => {
      await modes.query(mode, 'truncate notes');
      await using db = open(mode);
      const mine = await bearer(db);
      await mine.select('notes');
      expire();
      for (const write of Object.values(WRITES))
        expect(await refusalOf(() => write(mine))).toMatchObject({
          code: 'TOKEN_EXPIRED',
          outcome: 'not-applied',
        });
      expect(await ids(mode)).toEqual([]);
    });
  });

  it('in transaction mode does nothing while it waits for a connection that is slow to come', async () => {
    await modes.query('transaction', 'truncate notes');
    await using db = open('transaction');
    const mine = db.as(user({ sub: ME, exp: soon() }));
    const waiting = refusalOf(() => mine.insert('notes', { id: 1 }));
    expire();
    expect(await waiting).toMatchObject({ code: 'TOKEN_EXPIRED', outcome: 'not-applied' });
    expect(await ids('direct')).toEqual([]);
  });

  describe('has an end that is a time', () => {
    it('and a token whose exp is 1e999 is invalid', () => refusedToken('1e999'));

    it.each([['-1e999'], ['"1e9"'], ['null'], ['[9999999999]'], ['{}'], ['true']])(
      'and a token whose exp is %s is invalid',
      refusedToken,
    );

    async function refusedToken(exp: string): Promise<void> {
      await using db = open('direct');
      const payload = `{"sub":"${ME}","aud":"authenticated","exp":${exp}}`;
      const token = await new CompactSign(new TextEncoder().encode(payload))
        .setProtectedHeader({ alg: 'HS256' })
        .sign(key);
      expect(await refusalOf(() => db.withToken(token).select('notes'))).toMatchObject({ statusCode: 401 });
    }

    it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [10n ** 12n]])(
      'and claims whose exp is %s are refused',
      refusedClaims,
    );

    it.each([['9999999999'], [null], [{}]])('and claims whose exp is %j are refused', refusedClaims);

    async function refusedClaims(exp: unknown): Promise<void> {
      await using db = open('direct');
      const error = await refusalOf(async () =>
        db.as(user({ sub: ME, exp } as unknown as Claims)).select('notes'),
      );
      expect(error).toMatchObject({ code: 'INVALID_CLAIMS' });
    }
  });
});
