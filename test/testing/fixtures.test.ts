import { afterAll, beforeAll, describe, test } from 'vitest';
import { user } from '../../src/index.ts';
import { rollbackDatabase, withRollback } from '../../src/testing/index.ts';

const database = rollbackDatabase({
  embedded: {
    sql: `create table notes (id int primary key, owner_id uuid default auth.uid());
      alter table notes enable row level security;
      create policy own on notes to authenticated using (owner_id = (select auth.uid()));`,
  },
});
const ana = user({ sub: '00000000-0000-4000-8000-000000000001' });

const it = test.extend<{ db: typeof database.db }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of other fixtures from it
  db: ({}, use) => withRollback(database, use),
});

describe('a fixture of vitest', () => {
  // Opens it, which takes a busy machine longer than a test may.
  beforeAll(() => withRollback(database, (db) => db.as(ana).select('notes')));
  afterAll(() => database.close());

  it.for([1, 2])('gives each test a database without what others wrote (%i)', async (id, { db, expect }) => {
    await db.as(ana).insert('notes', { id });
    expect(await db.as(ana).select('notes', { columns: ['id'] })).toEqual([{ id }]);
  });
});
