import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverDatabase } from '../../../test/support/data-api/api-database.ts';
import { FakeDataApi } from '../../../test/support/data-api/fake-data-api.ts';
import {
  createTestDatabase,
  describeFullStack,
  type TestDatabase,
} from '../../../test/support/full-stack.ts';
import type { CaseName, SuiteClient } from '../contender.ts';
import { type DataApi, dataApiTables } from '../data-api.ts';
import { proveOwnRowsOnly } from '../own-rows.ts';
import { BENCH_USERS } from '../plan.ts';
import { Questions } from '../world.ts';
import { supabaseJs } from './supabase-js.ts';

const SIZE = { rows: 400, users: BENCH_USERS, vectors: 0 };
const SECRET = 'a secret of the fake Data API, thirty-two bytes or more';

/** Over the fake Data API of the tests: there is no PostgREST here. */
describeFullStack('supabase-js in the suite, over a fake Data API', () => {
  let database: TestDatabase;
  let api: FakeDataApi;
  beforeAll(async () => {
    database = await createTestDatabase();
    for (let n = 0; n < 2; n++) await database.query(dataApiTables(SIZE.rows));
    api = await FakeDataApi.start({ database: serverDatabase(database.adminUrl), secret: SECRET });
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await database.drop();
  });

  const openWith = (changed: Partial<DataApi> = {}): Promise<SuiteClient> => {
    const contender = supabaseJs({
      url: api.url,
      key: api.anonKey,
      jwtSecret: SECRET,
      rows: SIZE.rows,
      ...changed,
    });
    if ('enter' in contender) throw new Error('It is a client.');
    return contender.open({ url: '', mode: 'direct', connections: 1 });
  };

  it.each(supabaseJs(undefined).cases!)('reads own rows only, and does %s', async (name: CaseName) => {
    const client = await openWith();
    await proveOwnRowsOnly('supabase-js', name, client, new Questions(SIZE, []));
  });

  it('takes no part where a policy is forgotten', async () => {
    await database.query('create policy leak on public.bench_trips for select to authenticated using (true)');
    try {
      const client = await openWith();
      await expect(proveOwnRowsOnly('supabase-js', 'list', client, new Questions(SIZE, []))).rejects.toThrow(
        "supabase-js read another user's trip.",
      );
    } finally {
      await database.query('drop policy leak on public.bench_trips');
    }
  });

  it('says what is missing where there are fewer rows than the others have', async () => {
    await expect(openWith({ rows: SIZE.rows + 1_000_000 })).rejects.toMatchObject({ code: 'NO_BENCH_ROWS' });
  });

  it('says what is missing where the tables are not there', async () => {
    await using empty = await createTestDatabase();
    await using other = await FakeDataApi.start({ database: serverDatabase(empty.adminUrl), secret: SECRET });
    await expect(openWith({ url: other.url, key: other.anonKey })).rejects.toMatchObject({
      code: 'NO_BENCH_ROWS',
      hint: expect.stringContaining('npm run bench -- tables'),
    });
  });

  it.each([{ key: 'wrong' }, { jwtSecret: 'another secret of thirty-two bytes or more' }])(
    'says what is refused with %j',
    async (wrong) => {
      await expect(openWith(wrong)).rejects.toMatchObject({ code: 'DATA_API_REFUSED' });
    },
  );
});
