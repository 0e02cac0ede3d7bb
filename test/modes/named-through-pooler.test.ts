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
  });
});
