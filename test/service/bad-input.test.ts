import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  op,
  service,
  TimeoutError,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { refusal } from '../support/refusal.ts';

const SQL = `
  create table notes (id int primary key, title text, score int);
  insert into notes select i, 'note ' || i, i from generate_series(1, 20) i;
  create table places (id int primary key, name text, at extensions.vector(3));
  create function slow(seconds float8) returns int language plpgsql volatile
    as $$ begin perform pg_sleep(seconds); insert into notes (id) values (99); return 1; end $$;
`;

describe('bad input', () => {
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ sql: SQL });
    db = createDatabaseService({ embedded: { pglite }, maxRows: 10 });
    mine = db.as(service());
  });

  afterAll(async () => {
    await db.close();
    await pglite.close();
  });

  const untyped = (value: unknown) => value as never;
  const both = { text: 'a', textColumn: 'name', vector: [1, 2, 3] };

  it.each<[string, () => Promise<unknown>]>([
    ['limit: -1', () => mine.select('notes', { limit: -1 })],
    ['limit: 1.5', () => mine.select('notes', { limit: 1.5 })],
    ['limit: NaN', () => mine.select('notes', { limit: Number.NaN })],
    ["limit: '1'", () => mine.select('notes', { limit: untyped('1') })],
    ['limit: null', () => mine.select('notes', { limit: untyped(null) })],
    ['offset: -1', () => mine.select('notes', { offset: -1 })],
    ['timeoutMs: 0', () => mine.select('notes', { timeoutMs: 0 })],
    ['timeoutMs: NaN', () => mine.select('notes', { timeoutMs: Number.NaN })],
    ['timeoutMs: -5', () => mine.select('notes', { timeoutMs: -5 })],
    ['a signal that is none', () => mine.select('notes', { signal: untyped({ aborted: false }) })],
    ['an unknown mode', () => mine.select('notes', { mode: untyped('pooled') })],
    ['a mode that is not configured', () => mine.select('notes', { mode: 'direct' })],
    ['an unknown option', () => mine.select('notes', untyped({ filter: { id: 1 } }))],
    ['options that are none', () => mine.select('notes', untyped('id'))],
    ['an array as a filter', () => mine.select('notes', { filters: { id: [1, 2] } })],
    ['undefined as a filter', () => mine.select('notes', { filters: { id: undefined } })],
    ['null as filters', () => mine.select('notes', { filters: untyped(null) })],
    ['text as filters', () => mine.select('notes', { filters: untyped('id = 1') })],
    ['an update without a filter', () => mine.update('notes', { title: 'x' }, untyped({}))],
    ['an update with an empty filter', () => mine.update('notes', { title: 'x' }, { filters: {} })],
    ['an update with all: 1', () => mine.update('notes', { title: 'x' }, untyped({ all: 1 }))],
    ['an update of nothing', () => mine.update('notes', {}, { all: true })],
    ['a delete without a filter', () => mine.delete('notes', untyped(undefined))],
    ['a delete with filters and all', () => mine.delete('notes', untyped({ filters: { id: 1 }, all: true }))],
    ['expect: -1', () => mine.delete('notes', { all: true, expect: -1 })],
    ['a row that is none', () => mine.insert('notes', untyped('x'))],
    ['rows one of which is none', () => mine.insert('notes', untyped([{ id: 50 }, null]))],
    ['a vector of another dimension', () => mine.vectorSearch('places', { vector: [1, 2] })],
    ['NaN in a vector', () => mine.vectorSearch('places', { vector: [1, 2, Number.NaN] })],
    ['infinity in a vector', () => mine.vectorSearch('places', { vector: [1, 2, 1e39] })],
    ['a hole in a vector', () => mine.vectorSearch('places', { vector: untyped(new Array(3)) })],
    ['text in a vector', () => mine.vectorSearch('places', { vector: untyped([1, 2, '3']) })],
    ['no vector', () => mine.vectorSearch('places', untyped({}))],
    ['a vector of zeros by cosine', () => mine.vectorSearch('places', { vector: [0, 0, 0] })],
    [
      'a threshold of NaN',
      () => mine.vectorSearch('places', { vector: [1, 2, 3], similarityThreshold: Number.NaN }),
    ],
    ['efSearch: null', () => mine.vectorSearch('places', { vector: [1, 2, 3], efSearch: untyped(null) })],
    ['recall: null', () => mine.vectorSearch('places', { vector: [1, 2, 3], recall: untyped(null) })],
    ['info: 1', () => mine.vectorSearch('places', { vector: [1, 2, 3], info: untyped(1) })],
    ['near: null', () => mine.vectorSearch('places', { near: untyped(null) })],
    ['near a list', () => mine.vectorSearch('places', { near: untyped([{ id: 1 }]) })],
    ['near by an unknown column', () => mine.vectorSearch('places', { near: { id: 1, nope: 2 } })],
    ['near a look-alike', () => mine.vectorSearch('places', { near: { id: untyped({ eq: 1 }) } })],
    ['vectors: null', () => mine.vectorSearch('places', { vectors: untyped(null) })],
    ['vectors of numbers', () => mine.vectorSearch('places', { vectors: untyped([1, 2, 3]) })],
    ['vectors in an array-like', () => mine.vectorSearch('places', { vectors: untyped({ length: 1 }) })],
    ['a hole in vectors', () => mine.vectorSearch('places', { vectors: untyped(new Array(2)) })],
    ['efSearch: 1001', () => mine.vectorSearch('places', { vector: [1, 2, 3], efSearch: 1001 })],
    ['a text of no column', () => mine.hybridSearch('places', { text: 'a', vector: [1, 2, 3] })],
    ['weights of NaN', () => mine.hybridSearch('places', { ...both, weights: { text: Number.NaN } })],
    ['weights of nothing', () => mine.hybridSearch('places', { ...both, weights: { text: 0, vector: 0 } })],
    ['a language of a number', () => mine.hybridSearch('places', { ...both, language: untyped('3748') })],
    ['a language that is missing', () => mine.hybridSearch('places', { ...both, language: 'public.none' })],
    ['a text with U+0000', () => mine.hybridSearch('places', { ...both, text: '\0' })],
    ['a vector of another dimension in a row', () => mine.insert('places', { id: 1, at: '[1,2]' })],
    ['NaN in the vector of a row', () => mine.insert('places', { id: 1, at: '[1,2,NaN]' })],
    ['a search where there is no vector', () => mine.vectorSearch('notes', { vector: [1] })],
    ['an empty batch', () => mine.batch([])],
    ['a batch of look-alikes', () => mine.batch([untyped({ kind: 'select' })])],
    ['a transaction of no function', () => mine.transaction(untyped('select 1'))],
    ['an unknown isolation', () => mine.transaction(async () => {}, { isolation: untyped('snapshot') })],
    [
      'a transaction in transaction mode',
      () => mine.transaction(async () => {}, { mode: untyped('transaction') }),
    ],
    [
      'an unknown option of a transaction',
      () => mine.transaction(async () => {}, untyped({ readonly: true })),
    ],
    ['an unknown option of sql', async () => mine.sql({ access: 'all' as 'read' })`select 1`],
    ['SQL that is no template', async () => mine.sql(untyped('select 1'))],
    ['an explain of nothing', () => mine.explain(untyped({}))],
    ['a batch size of 0', async () => mine.stream('notes', { batchSize: 0 })[Symbol.asyncIterator]().next()],
    ['a schema that is not exposed', async () => mine.schema('auth').select('users')],
    ['a table of another schema', () => mine.select('auth.users')],
    ['an operator without a column', () => mine.select('notes', { filters: untyped([op.eq(1)]) })],
  ])('%s is refused, and nothing happens', async (_name, call) => {
    const error = await call().then(
      (value) => value,
      (thrown: unknown) => thrown,
    );
    expect(error).toEqual(refusal);
    expect(await mine.count('notes')).toBe(20);
  });

  it.each<[string, () => unknown]>([
    ['batch', () => mine.batch([mine.build.count('notes')], { timeout: 5 } as never)],
    ['explain', () => mine.explain(mine.build.count('notes'), { analyse: true } as never)],
    ['notify', () => mine.notify('c', 'x', { mod: 'direct' } as never)],
    ['selectOne', () => mine.selectOne('notes', { limit: 1 } as never)],
    ['build', async () => mine.build.select('notes', { timeoutMs: 5 } as never)],
    [
      'stream',
      async () =>
        mine
          .stream('notes', { count: 'exact' } as never)
          [Symbol.asyncIterator]()
          .next(),
    ],
  ])('an option that %s does not know is an error', async (_name, call) => {
    await expect((async () => call())()).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' });
  });

  it('an identity that none of its functions made is refused', () => {
    const forged = JSON.parse('{"kind":"service"}') as never;
    expect(() => db.as(forged)).toThrow(/identity is invalid/);
    expect(() => db.as(undefined as never)).toThrow(/identity is invalid/);
    expect(() => db.as(anonymous())).not.toThrow();
  });

  it('a write of all rows takes all: true', async () => {
    await expect(mine.update('notes', { title: 'x' }, { all: true, expect: 21 })).rejects.toMatchObject({
      code: 'EXPECTATION_FAILED',
      message: "The write affected 20 rows, but 'expect' is 21. Nothing was changed.",
    });
    await expect(mine.update('notes', { title: 'x' }, {} as never)).rejects.toMatchObject({
      code: 'FILTER_REQUIRED',
    });
  });

  it('more rows than the cap are an error, not cut', async () => {
    await expect(mine.select('notes')).rejects.toMatchObject({
      code: 'RESULT_TOO_LARGE',
      hint: expect.stringMatching(/maxRows/),
    });
    await expect(mine.sql({ access: 'read' })`select * from notes`).rejects.toMatchObject({
      code: 'RESULT_TOO_LARGE',
    });
    expect(await mine.select('notes', { limit: 10 })).toHaveLength(10);
    let streamed = 0;
    for await (const _row of mine.stream('notes')) streamed += 1;
    expect(streamed).toBe(20);
  });

  it('an unknown relation names the nearest one', async () => {
    await expect(mine.select('note')).rejects.toMatchObject({
      code: 'UNKNOWN_RELATION',
      message: expect.stringMatching(/"notes"/),
    });
    await expect(mine.select('notes', { columns: ['titel'] })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      message: expect.stringMatching(/"title"/),
    });
    await expect(mine.rpc('slowly')).rejects.toMatchObject({ code: 'UNKNOWN_FUNCTION' });
  });

  it('a relation, a column and a function that came after the start are found', async () => {
    // The catalog is read again for a missing name at most once a second.
    await using young = createDatabaseService({ embedded: { pglite } });
    const late = young.as(service());
    expect(await late.count('notes')).toBe(20);
    await pglite.exec(
      'create table younger (id int); create function youngest() returns int language sql immutable return 1',
    );
    expect(await late.select('younger')).toEqual([]);
    expect(await late.rpc('youngest')).toBe(1);
    await pglite.exec('alter table younger add column name text');
    await young.refreshCatalog();
    expect(await late.insert('younger', { id: 1, name: 'x' })).toEqual({ id: 1, name: 'x' });
  });
});

describeFullStack('limits on a server', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let mine: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    db = createDatabaseService({ ...database.user, service: database.service });
    mine = db.as(service());
  });

  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });

  /** Resolves once the server runs the function. */
  const running = () =>
    expect
      .poll(async () => {
        const [row] = await database.query<{ n: number }>(
          "select count(*)::int as n from pg_stat_activity where datname = current_database() and state = 'active' and query like '%slow%' and pid <> pg_backend_pid()",
        );
        return row?.n;
      })
      .toBeGreaterThan(0);

  it.each(['direct', 'session', 'transaction'] as const)(
    'more rows than the cap are an error in %s mode',
    async (mode) => {
      await using capped = createDatabaseService({
        [mode]: database.service[mode],
        onWarning: () => {},
        maxRows: 10,
      });
      const few = capped.as(service());
      const tooLarge = { code: 'RESULT_TOO_LARGE', outcome: 'not-applied' };
      await expect(few.select('notes')).rejects.toMatchObject(tooLarge);
      await expect(few.sql({ access: 'read' })`select * from notes`).rejects.toMatchObject(tooLarge);
      expect(await few.sql({ access: 'read' })`select * from notes limit 10`).toHaveLength(10);
    },
  );

  it('a signal aborted before the call sends nothing', async () => {
    const reason = new Error('changed my mind');
    const calls = [
      (signal: AbortSignal) => mine.select('notes', { signal }),
      (signal: AbortSignal) => mine.insert('notes', { id: 50 }, { signal }),
      (signal: AbortSignal) => mine.sql({ signal })`delete from notes`,
      (signal: AbortSignal) => mine.transaction((tx) => tx.delete('notes', { all: true }), { signal }),
      (signal: AbortSignal) => mine.stream('notes', { signal })[Symbol.asyncIterator]().next(),
    ];
    for (const call of calls) {
      const error = await call(AbortSignal.abort(reason)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ code: 'ABORTED', outcome: 'not-applied', cause: reason });
    }
    expect(await mine.count('notes')).toBe(20);
  });

  it.each(['direct', 'session', 'transaction'] as const)(
    'a signal aborted during the call ends the statement on the server, in %s mode',
    async (mode) => {
      const controller = new AbortController();
      const call = mine.rpc('slow', { seconds: 20 }, { mode, signal: controller.signal });
      const settled = call.catch((thrown: unknown) => thrown);
      await running();
      controller.abort();
      expect(await settled).toMatchObject({ name: 'TimeoutError', code: 'ABORTED' });
      await expect
        .poll(
          async () =>
            (
              await database.query(
                "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like '%slow%' and pid <> pg_backend_pid()",
              )
            ).length,
        )
        .toBe(0);
      expect(await mine.count('notes', { filters: { id: 99 } })).toBe(0);
    },
  );

  it('a signal aborted after the call changes nothing', async () => {
    const controller = new AbortController();
    expect(await mine.count('notes', { signal: controller.signal })).toBe(20);
    controller.abort();
    expect(await mine.count('notes')).toBe(20);
  });

  it('a deadline ends the statement on the server', async () => {
    const error = await mine
      .rpc('slow', { seconds: 20 }, { timeoutMs: 200 })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT' });
    expect(await mine.count('notes', { filters: { id: 99 } })).toBe(0);
  });
});
