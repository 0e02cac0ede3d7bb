import { basename } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  fragment,
  type Querying,
  service,
  type UntypedDatabase,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

type Schema = UntypedDatabase['public'];

const HERE = basename(import.meta.filename);

/** Calls that the server refuses, each from a function with a name of its own. */
const CALLS = {
  select: async (db: Querying<Schema>) => {
    await db.select('broken');
  },
  insert: async (db: Querying<Schema>) => {
    await db.insert('notes', { id: 1 });
  },
  batch: async (db: Querying<Schema>) => {
    await db.batch([db.build.insert('notes', { id: 1 })]);
  },
  rpc: async (db: Querying<Schema>) => {
    await db.rpc('complain');
  },
  sql: async (db: Querying<Schema>) => {
    await db.sql`select 1 / ${0}::int`;
  },
};

describeFullStack('the stack of an error of the server', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;

  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key); insert into notes values (1);
        create view broken as select 1 / (id - 1) as n from notes;
        create function complain() returns int language plpgsql as $$ begin raise exception 'no'; end $$`,
    });
    db = createDatabaseService({ ...database.user, service: database.service });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it.each(Object.entries(CALLS))('names who called %s', async (name, call) => {
    const mine = db.as(service());
    const outside = await call(mine).catch((error: unknown) => error);
    expectFrame(outside, name);
    await mine.transaction(async (tx) => {
      const nested = await tx.transaction((inner) => call(inner)).catch((error: unknown) => error);
      expectFrame(nested, name);
    });
    const inside = await mine.transaction((tx) => call(tx)).catch((error: unknown) => error);
    expectFrame(inside, name);
  });

  it('names who read a stream', async () => {
    const read = async (from: Pick<DatabaseHandle, 'stream'>) => {
      for await (const _row of from.stream(fragment`select 1 / (id - 1) as n from notes`));
    };
    const mine = db.as(service());
    expectFrame(await read(mine).catch((error: unknown) => error), 'read');
    const inside = mine.transaction((tx) => read(tx)).catch((error: unknown) => error);
    expectFrame(await inside, 'read');
  });

  function expectFrame(error: unknown, name: string): void {
    expect(error).toBeInstanceOf(DatabaseError);
    const { stack = '', sqlState } = error as DatabaseError;
    expect(sqlState).toMatch(/^\w{5}$/);
    expect(stack).toMatch(new RegExp(`at .*\\b${name}\\b.*${HERE}`));
  }
});
