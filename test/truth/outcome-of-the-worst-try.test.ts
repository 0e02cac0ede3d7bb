import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  type ModeName,
  service,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { AnsweringProxy, errorReply, foreignRows } from './answering-proxy.ts';
import { refusalOf, SOCKETS } from './every-mode.ts';

const SQL = `
  create table notes (id int primary key);
  insert into notes values (0);
  create function note(wanted int) returns int language sql volatile
    as $$ insert into notes values (wanted) returning id $$;
  create function noted() returns bigint language sql stable as $$ select count(*) from notes $$;
`;

const WRITES: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  insert: (db) => db.insert('notes', { id: 1 }),
  update: (db) => db.update('notes', { id: 1 }, { filters: { id: 0 }, returning: false }),
  rpc: (db) => db.rpc('note', { wanted: 1 }),
  batch: (db) => db.batch([db.build.count('notes'), db.build.insert('notes', { id: 1 })]),
  'raw SQL': (db) => db.sql`insert into notes values (${1}) returning id`,
};

const READS: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  select: (db) => db.select('notes'),
  count: (db) => db.count('notes'),
  rpc: (db) => db.rpc('noted'),
  batch: (db) => db.batch([db.build.count('notes'), db.build.select('notes')]),
  'raw SQL': (db) => db.sql({ access: 'read' })`select id from notes`,
};

/** What a pooler was seen to hand over in place of the reply to the second try. */
const ERRORS = {
  'a violated key': () => errorReply('23505', 'duplicate key value violates unique constraint "other"'),
  'a division by zero': () => errorReply('22012', 'division by zero'),
  'a read-only transaction': () => errorReply('25006', 'cannot execute INSERT in a read-only transaction'),
  'a missing right': () => errorReply('42501', 'permission denied for table other'),
  'a serialization failure': () => errorReply('40001', 'could not serialize access'),
};

const LOST = {
  'rows of somebody else': foreignRows,
  'a closed connection': () => 'hang-up' as const,
};

async function allOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

describeFullStack('a call that is sent again', () => {
  let database: TestDatabase;
  let proxy: AnsweringProxy;
  let db: ConsolidatedDatabaseService;

  const ids = async () =>
    (await database.query<{ id: number }>('select id from notes order by id')).map(({ id }) => id);

  /** Another client of the pooler, which leaves something on the one server connection. */
  async function leave(sql: string): Promise<void> {
    const neighbour = new pg.Client({ connectionString: database.service.transaction });
    await neighbour.connect();
    await neighbour.query(sql);
    await neighbour.end();
  }

  async function open(mode: ModeName): Promise<DatabaseHandle> {
    const url = database.service[mode as 'direct'];
    proxy = new AnsweringProxy(readConnectionUrl(url).address);
    const through = throughAddress(url, await proxy.start());
    db = createDatabaseService({ [mode]: through, pools: { [mode]: { max: 1 } }, onWarning: () => {} });
    const mine = db.as(service());
    await mine.select('notes');
    return mine;
  }

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.query('truncate notes; insert into notes values (0)');
  });
  afterEach(async () => {
    await db.close({ drainMs: 0 });
    await proxy.stop();
    await leave('reset all');
  });

  describe.each(Object.entries(WRITES))(
    'as %s, after its first try met a read-only server',
    (_name, write) => {
      async function loseTheSecondAnswer(foreign: () => Buffer | 'hang-up') {
        const mine = await open('transaction');
        await leave('set default_transaction_read_only = on');
        let tries = 0;
        proxy.answer = (_steps, reply) => {
          tries += 1;
          return tries === 1 ? reply : foreign();
        };
        const error = await refusalOf(() => write(mine));
        expect(tries).toBe(2);
        expect(await ids()).toContain(1);
        expect(error.outcome).toBe('unknown');
      }

      it.each(Object.entries(ERRORS))(
        'has the outcome of the second, which was applied and answered by %s',
        (_what, foreign) => loseTheSecondAnswer(foreign),
      );

      it.each(Object.entries(LOST))(
        'has the outcome of the second, which was applied and answered by %s',
        (_what, foreign) => loseTheSecondAnswer(foreign),
      );
    },
  );

  it.each(Object.entries({ ...ERRORS, ...LOST }))(
    'after a cancel that was meant for somebody else has the outcome of the second try, answered by %s',
    async (_what, foreign) => {
      const mine = await open('transaction');
      const holder = new pg.Client({ connectionString: database.ownerUrl });
      await holder.connect();
      await holder.query('begin; lock table notes');
      let tries = 0;
      proxy.answer = (_steps, reply) => {
        tries += 1;
        return tries === 1 ? reply : foreign();
      };
      const refused = refusalOf(() => WRITES.insert!(mine));
      const waiting = `select pg_cancel_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%insert%'`;
      await withSession(database.adminUrl, async ({ query }) => {
        await expect.poll(async () => (await query(waiting)).length, { timeout: 5_000 }).toBe(1);
      });
      await holder.query('commit');
      await holder.end();
      const error = await refused;
      expect(tries).toBe(2);
      expect(await ids()).toContain(1);
      expect(error.outcome).toBe('unknown');
    },
  );

  describe.each(SOCKETS)('in %s mode', (mode) => {
    it.each(Object.entries(WRITES))(
      'once is unknown when its answer is of somebody else: %s',
      async (_name, write) => {
        const mine = await open(mode);
        proxy.answer = foreignRows;
        const error = await refusalOf(() => write(mine));
        expect(await ids()).toContain(1);
        expect(error).toMatchObject({ code: 'REPLY_MISMATCH', outcome: 'unknown' });
      },
    );

    it.each(Object.entries(READS))(
      'as a read has changed nothing, though its answer is of somebody else: %s',
      async (_name, read) => {
        const mine = await open(mode);
        proxy.answer = foreignRows;
        expect(await refusalOf(() => read(mine))).toMatchObject({
          code: 'REPLY_MISMATCH',
          outcome: 'not-applied',
        });
      },
    );

    it.each(Object.entries(READS))(
      'as a read is sent again after a cancel that met its set-up and was not ours: %s',
      async (_name, read) => {
        const mine = await open(mode);
        const right = await read(mine);
        let tries = 0;
        proxy.answer = (_steps, reply) => {
          tries += 1;
          return tries === 1 ? errorReply('57014', 'canceling statement due to user request') : reply;
        };
        expect(await read(mine)).toEqual(right);
      },
    );
  });

  it.each(Object.entries(WRITES))(
    'as a write is never sent again after a cancel before its set-up was confirmed: %s',
    async (_name, write) => {
      const mine = await open('transaction');
      proxy.answer = () => errorReply('57014', 'canceling statement due to user request');
      const error = await refusalOf(() => write(mine));
      expect(await ids()).toContain(1);
      expect(error.outcome).toBe('unknown');
    },
  );

  describe.each(['direct', 'session'] as const)('inside a transaction in %s mode', (mode) => {
    it.each([
      ['transaction', (mine: DatabaseHandle) => mine.transaction((tx) => tx.select('notes'))],
      ['stream', (mine: DatabaseHandle) => allOf(mine.stream('notes'))],
    ])('its beginning is sent again after a cancel that was not ours: %s', async (_what, use) => {
      const mine = await open(mode);
      let tries = 0;
      proxy.answer = (_steps, reply) => {
        tries += 1;
        return tries === 1 ? errorReply('57014', 'canceling statement due to user request', 'E') : reply;
      };
      expect(await use(mine)).toEqual([{ id: 0 }]);
    });

    it.each([
      ['that only reads', true],
      ['that may write', false],
    ])('%s, an answer of somebody else ends it with nothing applied', async (_what, readOnly) => {
      const mine = await open(mode);
      const error = await refusalOf(() =>
        mine.transaction(
          async (tx) => {
            if (!readOnly) await tx.insert('notes', { id: 2 });
            proxy.answer = foreignRows;
            await tx.select('notes');
          },
          { readOnly },
        ),
      );
      expect(error).toMatchObject({ code: 'REPLY_MISMATCH', outcome: 'not-applied' });
      expect(await ids()).toEqual([0]);
    });

    it.each([
      ['that only reads changed nothing', true, 'not-applied'],
      ['that may write leaves unknown what it changed', false, 'unknown'],
    ])('one %s, when the answer to its COMMIT is of somebody else', async (_what, readOnly, outcome) => {
      const mine = await open(mode);
      const error = await refusalOf(() =>
        mine.transaction(
          async (tx) => {
            if (readOnly) await tx.select('notes');
            else await tx.insert('notes', { id: 2 });
            proxy.answer = foreignRows;
          },
          { readOnly },
        ),
      );
      expect(error).toMatchObject({ code: 'REPLY_MISMATCH', outcome });
      expect(await ids()).toEqual(readOnly ? [0] : [0, 2]);
    });

    it('a stream changed nothing when its answer is of somebody else', async () => {
      const mine = await open(mode);
      const rows = mine.stream('notes', { batchSize: 1 })[Symbol.asyncIterator]();
      await rows.next();
      proxy.answer = foreignRows;
      expect(await refusalOf(() => rows.next())).toMatchObject({
        code: 'REPLY_MISMATCH',
        outcome: 'not-applied',
      });
    });
  });
});
