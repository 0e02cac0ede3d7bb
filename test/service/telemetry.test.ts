import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  fragment,
  op,
  service,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

describe('onCall', () => {
  const events: CallEvent[] = [];
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    db = createDatabaseService({
      embedded: {
        sql: `
          create table notes (id int primary key);
          create function one_more(n int) returns int language sql immutable as 'select n + 1';
          create function note(n int) returns int language sql volatile as 'insert into notes values (n) returning id';
          create function fail(n int) returns int language sql stable as 'select 1 / n';
        `,
      },
      onCall: (event) => events.push(event),
    });
    mine = db.as(service());
    await mine.insert('notes', [{ id: 1 }, { id: 2 }, { id: 3 }]);
  });
  beforeEach(() => events.splice(0));
  afterAll(() => db.close());

  const told = () =>
    events.map(({ kind, mode, role, rows, errorCode }) => [kind, mode, role, rows, errorCode]);

  it('is told of every call inside a transaction, and of the transaction', async () => {
    await mine.transaction(async (tx) => {
      await tx.count('notes');
      for await (const row of tx.stream('notes', { batchSize: 2 })) expect(row).toBeDefined();
      await tx.explain(tx.build.select('notes'));
      await tx.batch([tx.build.select('notes'), tx.build.count('notes')]);
      await tx.sql`select 1 as one`;
    });
    const inside = (kind: string, rows: number) => [kind, 'embedded', 'service_role', rows, undefined];
    expect(told()).toEqual([
      inside('count', 3),
      inside('stream', 3),
      inside('explain', 0),
      inside('batch', 6),
      inside('sql', 1),
      inside('transaction', 0),
    ]);
  });

  it('is told of a stable function as a read and of a volatile one as a write, outside and inside', async () => {
    await mine.rpc('one_more', { n: 1 });
    await mine.rpc('note', { n: 7 });
    await mine.transaction(async (tx) => {
      await tx.rpc('one_more', { n: 1 });
      await tx.rpc('note', { n: 8 });
    });
    await mine.delete('notes', { filters: { id: op.gte(7) } });
    expect(events.map(({ kind, errorCode }) => [kind, errorCode])).toEqual([
      ['rpc.read', undefined],
      ['rpc.write', undefined],
      ['rpc.read', undefined],
      ['rpc.write', undefined],
      ['transaction', undefined],
      ['delete', undefined],
    ]);
  });

  it('is told so of a function that fails; of one that was not found, as a write', async () => {
    await expect(mine.rpc('fail', { n: 0 })).rejects.toMatchObject({ sqlState: '22012' });
    await expect(mine.rpc('no_such_function')).rejects.toMatchObject({ code: 'UNKNOWN_FUNCTION' });
    await expect(mine.rpc('one_more', { n: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(events.map(({ kind, errorCode }) => [kind, errorCode])).toEqual([
      ['rpc.read', 'INVALID_VALUE'],
      ['rpc.write', 'UNKNOWN_FUNCTION'],
      ['rpc.read', 'ABORTED'],
    ]);
  });

  it('is told of the kind of the function that ran, after it became another one', async () => {
    const create = (volatility: string) =>
      `create or replace function changing() returns int language sql ${volatility} as 'select 1'`;
    await using pglite = await createEmbeddedDatabase({ sql: create('stable') });
    const kinds: string[] = [];
    await using changing = createDatabaseService({
      embedded: { pglite },
      onCall: ({ kind }) => kinds.push(kind),
    });
    await changing.as(service()).rpc('changing');
    await pglite.exec(create('volatile'));
    await changing.refreshCatalog();
    await changing.as(service()).rpc('changing');
    expect(kinds).toEqual(['rpc.read', 'rpc.write']);
  });

  it('is told of streams outside: of the rows that were handed over before it was left', async () => {
    for await (const row of mine.stream('notes', { batchSize: 1, orderBy: 'id' })) if (row.id === 2) break;
    expect(told()).toEqual([['stream', 'embedded', 'service_role', 2, undefined]]);
  });

  it('is told of failures, inside a transaction and of a stream', async () => {
    const failing = mine.transaction(async (tx) => {
      for await (const row of tx.stream(fragment`select 1 / (id - 1) from notes`)) expect.fail(String(row));
    });
    await expect(failing).rejects.toMatchObject({ sqlState: '22012' });
    expect(told()).toEqual([
      ['stream', 'embedded', 'service_role', 0, 'INVALID_VALUE'],
      ['transaction', 'embedded', 'service_role', 0, 'INVALID_VALUE'],
    ]);
  });

  it('is told of a call that no mode was chosen for', async () => {
    await expect(db.select('notes')).rejects.toMatchObject({ code: 'IDENTITY_REQUIRED' });
    expect(told()).toEqual([['select', undefined, undefined, 0, 'IDENTITY_REQUIRED']]);
  });
});
