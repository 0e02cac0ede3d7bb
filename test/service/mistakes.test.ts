import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  publicError,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { MISTAKES_SQL, me, OF_THE_CODE, OF_THE_DATA, OF_THE_REQUEST, OF_THE_SET_UP } from './mistakes.ts';

const errorOf = async (call: () => unknown): Promise<DatabaseError> => {
  try {
    await call();
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
  return expect.fail('it was not refused');
};

function expectSays(error: DatabaseError, says: readonly (string | RegExp)[]): void {
  const said = `${error.message} ${error.hint ?? ''}`;
  for (const part of says) expect(said).toMatch(typeof part === 'string' ? literal(part) : part);
  expect(error.outcome).toBe('not-applied');
}

const literal = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

describeFullStack('a mistake', () => {
  let database: TestDatabase;
  let all: ConsolidatedDatabaseService;
  let db: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: MISTAKES_SQL });
    all = createDatabaseService({
      ...database.user,
      service: database.service,
      jwt: { secret: 'a secret of at least thirty-two bytes' },
    });
    db = all.as(me);
  });
  afterAll(async () => {
    await all.close();
    await database.drop();
  });

  it('has its place in a list of a hundred and more', () => {
    const lists = [OF_THE_REQUEST, OF_THE_CODE, OF_THE_SET_UP, OF_THE_DATA];
    const names = lists.flatMap((list) => list.map(([what]) => what));
    expect(names.length).toBeGreaterThan(130);
    expect(new Set(names).size).toBe(names.length);
  });

  const request = OF_THE_REQUEST.map(([what, call, status, ...says]) => ({ what, call, status, says }));
  it.each(request)('of the request: $what', async ({ call, status, says }) => {
    const error = await errorOf(() => call(db, all));
    expect(error).toMatchObject({ statusCode: status });
    expectSays(error, says);
    const { field } = error;
    expect(publicError(error)).toMatchObject({
      status,
      code: error.code,
      ...(field !== undefined && { field }),
    });
  });

  const code = OF_THE_CODE.map(([what, call, status, ...says]) => ({ what, call, status, says }));
  it.each(code)('of the code: $what', async ({ call, status, says }) => {
    const error = await errorOf(() => call(db, all));
    expect(error).toMatchObject({ name: 'UsageError', statusCode: status });
    expectSays(error, says);
    expect(publicError(error)).toMatchObject({ status: 500, code: 'INTERNAL' });
  });

  const setUp = OF_THE_SET_UP.map(([what, options, call, ...says]) => ({ what, options, call, says }));
  it.each(setUp)('of the set-up: $what', async ({ options, call, says }) => {
    const error = await errorOf(async () => {
      await using service = createDatabaseService(options(database) as DatabaseServiceOptions);
      await call(service);
    });
    expect(error).toMatchObject({ name: 'ConfigurationError', statusCode: 500 });
    expectSays(error, says);
    expect(publicError(error)).toMatchObject({ status: 500, code: 'INTERNAL' });
  });

  const data = OF_THE_DATA.map(([what, options, call, ...says]) => ({ what, options, call, says }));
  it.each(data)('of the data: $what', async ({ options, call, says }) => {
    await using service = createDatabaseService({ direct: database.user.direct, ...options });
    const error = await errorOf(() => call(service.as(me), service));
    expect(error).toMatchObject({ name: 'UnreadableDataError', statusCode: 500 });
    expectSays(error, says);
  });

  it('of the code, in every mode and inside a transaction', async () => {
    for (const mode of ['direct', 'session', 'transaction'] as const) {
      const error = await errorOf(() => db.sql({ mode })`select * from tripz`);
      expect(error).toMatchObject({ name: 'UsageError', statusCode: 500, sqlState: '42P01' });
      const denied = await errorOf(() => db.select('hidden', { mode }));
      expect(denied).toMatchObject({ name: 'AuthorizationError', statusCode: 403 });
    }
    const inside = await errorOf(() => db.transaction((tx) => tx.sql`select * from closed.things`));
    expect(inside).toMatchObject({ name: 'ConfigurationError', code: 'RIGHT_MISSING' });
  });
});
