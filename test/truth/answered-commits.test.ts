import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  service,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { MessageReader } from '../support/network/message-reader.ts';
import { backend } from '../support/network/protocol-messages.ts';
import { AnsweringProxy } from './answering-proxy.ts';
import { refusalOf } from './every-mode.ts';

const SQL = 'create table notes (id int primary key)';

/** Each ends with a COMMIT of its own. */
const COMMITTED: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  'a transaction': (db) => db.transaction((tx) => tx.insert('notes', { id: 1 })),
  'raw SQL in a block': (db) => db.sql`do $$ begin insert into notes values (1); end $$`,
};

/** The reply with another tag where COMMIT stands. */
function answering(tag: string): (reply: Buffer) => Buffer {
  return (reply) =>
    Buffer.concat(
      new MessageReader()
        .push(reply)
        .map(({ code, bytes }) =>
          code === 'C' && bytes.includes('COMMIT') ? backend.commandComplete(tag) : bytes,
        ),
    );
}

describeFullStack('a COMMIT and its answer', () => {
  let database: TestDatabase;
  let proxy: AnsweringProxy;
  let db: ConsolidatedDatabaseService;
  const ids = async () =>
    (await database.query<{ id: number }>('select id from notes order by id')).map(({ id }) => id);

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.query('truncate notes');
    const url = database.service.direct;
    proxy = new AnsweringProxy(readConnectionUrl(url).address);
    db = createDatabaseService({
      direct: throughAddress(url, await proxy.start()),
      pools: { direct: { max: 1 } },
      onWarning: () => {},
    });
    await db.as(service()).select('notes');
  });
  afterEach(async () => {
    await db.close({ drainMs: 0 });
    await proxy.stop();
  });

  describe.each(Object.entries(COMMITTED))('of %s', (_name, commit) => {
    it('is an error where it says ROLLBACK', async () => {
      proxy.answer = (_steps, reply) => answering('ROLLBACK')(reply);
      expect(await refusalOf(() => commit(db.as(service())))).toMatchObject({
        code: 'ROLLED_BACK',
        outcome: 'not-applied',
      });
    });

    it.each(['UPDATE 1', 'SELECT 0', 'BEGIN', 'COMMIT PREPARED'])(
      'proves nothing where it is that of another command: %s',
      async (tag) => {
        proxy.answer = (_steps, reply) => answering(tag)(reply);
        expect(await refusalOf(() => commit(db.as(service())))).toMatchObject({
          code: 'REPLY_MISMATCH',
          outcome: 'unknown',
        });
        expect(await ids()).toEqual([1]);
      },
    );

    it('leaves unknown what was applied where it is lost', async () => {
      proxy.answer = (_steps, reply) => (reply.includes('COMMIT') ? 'hang-up' : reply);
      expect(await refusalOf(() => commit(db.as(service())))).toMatchObject({
        code: 'CONNECTION_LOST',
        outcome: 'unknown',
      });
      expect(await ids()).toEqual([1]);
    });
  });

  it('does not come when the block fails, which is rolled back before the next call', async () => {
    const mine = db.as(service());
    const error = await refusalOf(
      () => mine.sql`do $$ begin insert into notes values (1); perform 1 / 0; end $$`,
    );
    expect(error).toMatchObject({ sqlState: '22012', outcome: 'not-applied' });
    await mine.insert('notes', { id: 2 });
    expect(await ids()).toEqual([2]);
    expect(
      await database.query(`select 1 from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'`),
    ).toEqual([]);
  });
});
