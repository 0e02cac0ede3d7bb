import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService, user } from '../../src/index.ts';
import type { SocketModeOptions } from '../../src/modes/socket/socket-mode.ts';
import { withSession } from '../../stack/sql-session.ts';
import {
  createTestDatabase,
  describeFullStack,
  fullStack,
  type TestDatabase,
} from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { describeMode } from './conformance.ts';
import { modeOver } from './open-mode.ts';
import { ANNA, NOTES_SQL } from './plans.ts';

/** A stack of the environment's own has to follow names by itself; ours is told to, while this file runs. */
const pooler = fullStack()?.consoles?.transaction;

function followNames(statements: number): Promise<unknown> {
  if (pooler === undefined) return Promise.resolve();
  return withSession(pooler, ({ query }) => query(`set max_prepared_statements = ${statements}`));
}

describeFullStack('a pooler in transaction mode that follows names', () => {
  beforeAll(() => followNames(100));
  afterAll(() => followNames(0));

  describeMode('transaction', async () => {
    const database = await createTestDatabase({ sql: NOTES_SQL });
    const another = (pool?: Partial<SocketModeOptions['pool']>) =>
      modeOver('transaction', database.user.transaction, pool, 'named');
    const mode = another();
    return {
      mode,
      another,
      async close() {
        await mode.close(1_000);
        await database.drop();
      },
    };
  });

  describe('serves statements of the service', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createTestDatabase({ sql: NOTES_SQL });
    });
    afterAll(() => database.drop());

    it('that are prepared once for a connection, on every server that a batch meets', async () => {
      await using db = createDatabaseService({
        transaction: database.user.transaction,
        pooledStatements: 'named',
        // More statements than are kept, so that some are closed and prepared again.
        maxPrepared: 3,
        onWarning: () => {},
      });
      const anna = db.as(user({ sub: ANNA }));
      const others = Array.from({ length: 20 }, (_, i) =>
        db.as(user({ sub: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}` })),
      );
      const own = await anna.select('notes', { columns: ['id', 'body'], orderBy: 'id' });
      expect(own.length).toBeGreaterThan(0);
      for (let round = 0; round < 5; round++) {
        const seen = await Promise.all([
          ...Array.from({ length: 10 }, () =>
            anna.select('notes', { columns: ['id', 'body'], orderBy: 'id' }),
          ),
          ...others.flatMap((other) => [
            other.select('notes', { columns: ['id'] }),
            other.select('notes', { columns: ['body'], limit: round + 1 }),
            other.select('notes', { filters: { id: own[0]!.id as number } }),
          ]),
        ]);
        for (const [i, rows] of seen.entries()) expect(rows).toEqual(i < 10 ? own : []);
        await expect(anna.select('notes', { filters: { id: 'no number' } })).rejects.toMatchObject({
          statusCode: 400,
        });
      }
      const prepared = await anna.sql<{ names: number }>`
        select count(*)::int as names from pg_prepared_statements`;
      expect(prepared[0]?.names).toBeGreaterThan(0);
    });

    it('that have a key, each of which is applied once', async () => {
      await database.query(`${OWN_SCHEMA}
        create table counters (n int); insert into counters values (0);
        grant all on counters to authenticated`);
      await using db = createDatabaseService({
        transaction: database.user.transaction,
        pooledStatements: 'named',
        onWarning: () => {},
      });
      const count = (idempotencyKey: string) =>
        db
          .as(user({ sub: ANNA }))
          .batch([db.build.select('counters'), db.build.update('counters', { n: 7 }, { all: true })], {
            idempotencyKey,
          });
      const results = await Promise.all(['a', 'a', 'b', 'a', 'b'].map(count));
      expect(results).toContainEqual([[{ n: 0 }], [{ n: 7 }]]);
      expect(results[1]).toEqual(results[0]);
      expect(results[4]).toEqual(results[2]);
      expect(await count('a')).toEqual(results[0]);
      const kept = await database.query('select from cdb.idempotency_keys');
      expect(kept).toHaveLength(2);
    });
  });
});

describeFullStack('a pooler in transaction mode that does not follow names', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    await followNames(0);
    database = await createTestDatabase({ sql: NOTES_SQL });
  });
  afterAll(async () => {
    await followNames(0);
    await database.drop();
  });

  it.runIf(pooler !== undefined)('is refused for named statements, by the name of the option', async () => {
    await using db = createDatabaseService({
      transaction: database.user.transaction,
      pooledStatements: 'named',
      onWarning: () => {},
    });
    for (let call = 0; call < 2; call++) {
      await expect(db.as(user({ sub: ANNA })).select('notes')).rejects.toMatchObject({
        name: 'ConfigurationError',
        code: 'NAMES_NOT_FOLLOWED',
        statusCode: 500,
        message: expect.stringContaining("'pooledStatements'"),
        hint: expect.stringContaining('PgBouncer'),
      });
    }
  });

  it.runIf(pooler !== undefined)('gets unnamed ones after it has stopped to follow', async () => {
    const warnings: string[] = [];
    await followNames(100);
    await using db = createDatabaseService({
      transaction: database.user.transaction,
      pooledStatements: 'named',
      pools: { transaction: { max: 2 } },
      onWarning: (message) => warnings.push(message),
    });
    const anna = db.as(user({ sub: ANNA }));
    const read = (limit: number) => anna.select('notes', { columns: ['id'], orderBy: 'id', limit });
    const rows = await read(3);
    await followNames(0);
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all([
        read(3),
        read(3),
        anna.count('notes'),
        anna.select('notes', { columns: ['body'] }),
      ]);
      expect(all[0]).toEqual(rows);
    }
    const told = warnings.filter((message) => message.includes('unnamed from now on'));
    expect(told.length).toBeLessThanOrEqual(1);
  });
});
