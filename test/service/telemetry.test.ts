import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  fragment,
  service,
} from '../../src/index.ts';

describe('onCall', () => {
  const events: CallEvent[] = [];
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    db = createDatabaseService({
      embedded: { sql: 'create table notes (id int primary key)' },
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
