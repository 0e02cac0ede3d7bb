import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  fragment,
  service,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

describeFullStack('streams', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase({
      sql: 'create table notes (id int primary key); insert into notes select generate_series(1, 5000)',
    });
    // One connection: whatever a stream holds on to, the next call lacks.
    db = createDatabaseService({
      direct: database.user.direct,
      service: { direct: database.service.direct },
      pools: { direct: { max: 1 } },
    });
    mine = db.as(service());
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });

  const openTransactions = async () => {
    const rows = await database.query(
      "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
    );
    return rows.length;
  };

  it('hand out all rows in order', async () => {
    const seen: unknown[] = [];
    for await (const { id } of mine.stream('notes', { orderBy: 'id', batchSize: 999 })) seen.push(id);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
  });

  it('hand out nothing where there is nothing', async () => {
    for await (const row of mine.stream('notes', { filters: { id: -1 } }))
      expect.fail(`there was ${JSON.stringify(row)}`);
    for await (const row of mine.stream(fragment`select 1 where false`))
      expect.fail(`there was ${JSON.stringify(row)}`);
  });

  it('free their connection when the loop is left early', async () => {
    for await (const { id } of mine.stream('notes', { orderBy: 'id', batchSize: 10 })) if (id === 15) break;
    expect(await mine.count('notes')).toBe(5000);
    expect(await openTransactions()).toBe(0);
  });

  it('free their connection when the consumer throws, and hand on its error', async () => {
    const error = new RangeError('too many');
    const read = async () => {
      for await (const { id } of mine.stream('notes', { orderBy: 'id', batchSize: 10 }))
        if (id === 15) throw error;
    };
    await expect(read()).rejects.toBe(error);
    expect(await mine.count('notes')).toBe(5000);
    expect(await openTransactions()).toBe(0);
  });

  it('end at their deadline while the consumer rests', async () => {
    const rows = mine.stream('notes', { batchSize: 1, timeoutMs: 2_000 })[Symbol.asyncIterator]();
    await rows.next();
    await expect.poll(openTransactions).toBe(0);
    const rest = async () => {
      for (;;) if ((await rows.next()).done) return;
    };
    await expect(rest()).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await mine.count('notes')).toBe(5000);
  });

  it("are not ended by the role's own time limit while the consumer rests", async () => {
    await database.query(
      'create or replace function pause() returns void language sql volatile as $$ select pg_sleep(0.05) $$',
    );
    const rows = mine
      .stream(fragment`select id, pause() from notes`, { batchSize: 1 })
      [Symbol.asyncIterator]();
    expect((await rows.next()).value).toMatchObject({ id: expect.any(Number) });
    await rows.return?.();
    expect(await openTransactions()).toBe(0);
  });

  it('end with their signal', async () => {
    const controller = new AbortController();
    const read = async () => {
      for await (const { id } of mine.stream('notes', {
        orderBy: 'id',
        batchSize: 10,
        signal: controller.signal,
      }))
        if (id === 15) controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await mine.count('notes')).toBe(5000);
  });

  it('hand on what the server says in the middle', async () => {
    const read = async () => {
      let n = 0;
      for await (const _row of mine.stream(fragment`select 100 / (50 - id) as q from notes order by id`, {
        batchSize: 10,
      }))
        n += 1;
      return n;
    };
    await expect(read()).rejects.toMatchObject({ sqlState: '22012' });
    expect(await mine.count('notes')).toBe(5000);
  });

  it('only read', async () => {
    const write = mine.stream(fragment`insert into notes values (0) returning id`)[Symbol.asyncIterator]();
    await expect(write.next()).rejects.toMatchObject({ name: 'UsageError' });
    expect(await mine.count('notes')).toBe(5000);
  });

  it('within a transaction see what it did, and leave it open', async () => {
    await mine.transaction(async (tx) => {
      await tx.insert('notes', { id: 6000 });
      const seen: unknown[] = [];
      for await (const { id } of tx.stream('notes', {
        orderBy: { column: 'id', direction: 'desc' },
        batchSize: 2,
      })) {
        seen.push(id);
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([6000, 5000, 4999]);
      await tx.delete('notes', { filters: { id: 6000 }, expect: 1 });
    });
    expect(await mine.count('notes')).toBe(5000);
  });
});
