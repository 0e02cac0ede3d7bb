import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  op,
  path,
  type Querying,
  service,
  UsageError,
  ValidationError,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const SQL = `
  create table notes (id int primary key, title text, words tsvector, tags text[], meta jsonb, at extensions.vector(3));
  insert into notes select i, 'note ' || i, 'note', '{}', '{}', '[1,2,3]' from generate_series(1, 3) i;
`;

/** Every method that takes filters. */
const METHODS: Readonly<Record<string, (db: Querying<never>, options: object) => Promise<unknown>>> = {
  select: (db, options) => untyped(db).select('notes', options),
  selectOne: (db, options) => untyped(db).selectOne('notes', options),
  selectMaybe: (db, options) => untyped(db).selectMaybe('notes', options),
  count: (db, options) => untyped(db).count('notes', options),
  update: (db, options) => untyped(db).update('notes', { title: 'lost' }, options as never),
  delete: (db, options) => untyped(db).delete('notes', options as never),
  vectorSearch: (db, options) => untyped(db).vectorSearch('notes', { vector: [1, 2, 3], ...options }),
  hybridSearch: (db, options) =>
    untyped(db).hybridSearch('notes', { text: 'note', vector: [1, 2, 3], ...options }),
  stream: async (db, options) => {
    for await (const _ of untyped(db).stream('notes', options)) expect.fail('a row was read');
  },
  'build.select': (db, options) => untyped(db).batch([untyped(db).build.select('notes', options)]),
  'build.count': (db, options) => untyped(db).batch([untyped(db).build.count('notes', options)]),
  'build.update': (db, options) =>
    untyped(db).batch([untyped(db).build.update('notes', { title: 'lost' }, options as never)]),
  'build.delete': (db, options) => untyped(db).batch([untyped(db).build.delete('notes', options as never)]),
  'build.vectorSearch': (db, options) =>
    untyped(db).batch([untyped(db).build.vectorSearch('notes', { vector: [1, 2, 3], ...options })]),
  'build.hybridSearch': (db, options) =>
    untyped(db).batch([
      untyped(db).build.hybridSearch('notes', { text: 'note', vector: [1, 2, 3], ...options }),
    ]),
  explain: (db, options) => untyped(db).explain(untyped(db).build.select('notes', options)),
};

/** What a caller has who forgot to check a value. */
const UNDEFINED: Readonly<Record<string, object>> = {
  'filters: undefined': { filters: undefined },
  'all values undefined': { filters: { id: undefined, title: undefined } },
  'one value undefined': { filters: { id: 1, title: undefined } },
  'a list of undefined': { filters: [undefined] },
  'all values undefined, in a list': { filters: [{ id: undefined }] },
  'inside op.or': { filters: [op.or({ id: undefined }, { title: 'x' })] },
  'undefined as a part of op.or': { filters: [op.or(undefined as never, { title: 'x' })] },
  'inside op.and': { filters: [op.and({ id: undefined })] },
  'inside op.not': { filters: [op.not(op.or({ id: undefined }))] },
  'on a path': { filters: [path('meta', 'a').where(undefined as never)] },
  'in op.in': { filters: { id: op.in([1, undefined]) } },
  'in an array': { filters: { tags: op.contains(['a', undefined]) } },
  'in JSON': { filters: { meta: op.contains({ list: [undefined] }) } },
};

function untyped(db: unknown): Querying<ConsolidatedSchema> {
  return db as Querying<ConsolidatedSchema>;
}

type ConsolidatedSchema = ConsolidatedDatabaseService extends Querying<infer Schema> ? Schema : never;

describe('filters that are undefined', () => {
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService;

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ sql: SQL });
    db = createDatabaseService({ embedded: { pglite }, defaultIdentity: service() });
  });

  afterAll(async () => {
    await db.close();
    await pglite.close();
  });

  const cases = Object.keys(METHODS).flatMap((method) =>
    Object.keys(UNDEFINED).map((what) => [method, what] as const),
  );

  it.each(cases)('are refused by %s: %s', async (method, what) => {
    const call = METHODS[method]!(db as never, UNDEFINED[what]!);
    const error = await call.then(
      () => expect.fail('it answered'),
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).statusCode).toBe(500);
    expect((error as Error).message).toMatch(/undefined/);
    const { rows } = await pglite.query("select count(*)::int as n from notes where title <> 'lost'");
    expect(rows).toEqual([{ n: 3 }]);
  });

  it('are refused inside a transaction too, which goes on', async () => {
    await db.transaction(async (tx) => {
      await expect(tx.delete('notes', { filters: { id: undefined as never } })).rejects.toThrow(/undefined/);
      await expect(tx.update('notes', { title: 'lost' }, { filters: undefined } as never)).rejects.toThrow(
        /undefined/,
      );
      expect(await tx.count('notes')).toBe(3);
    });
  });

  it("are a fault of the code where there are none, as is a missing 'unchanged'", async () => {
    await expect(db.select('notes', { filters: undefined } as never)).rejects.toBeInstanceOf(UsageError);
    await expect(
      db.update('notes', { title: 'lost' }, { filters: { id: 1 }, unchanged: undefined } as never),
    ).rejects.toThrow("The option 'unchanged' must be an object of at least one column");
  });

  /** A request leaves a property out, but holds no undefined. */
  const ELSEWHERE: Readonly<Record<string, () => Promise<unknown>>> = {
    'op.eq': async () => op.eq(undefined),
    'op.isDistinct': async () => op.isDistinct(undefined),
    'op.like': async () => op.like(undefined as never),
    'op.is': async () => op.is(undefined as never),
    'op.in': async () => op.in(undefined as never),
    'op.textSearch': async () => op.textSearch(undefined as never),
    "'after'": () => db.select('notes', { orderBy: 'id', after: { id: undefined } }),
    "'unchanged'": () =>
      db.update('notes', { title: 'lost' }, { filters: { id: 1 }, unchanged: { title: undefined } } as never),
    'a vector': () => db.vectorSearch('notes', { vector: undefined as never }),
    'a part of a vector': () => db.vectorSearch('notes', { vector: [1, undefined, 3] as never }),
    'a text to search for': () => db.hybridSearch('notes', { text: undefined as never, vector: [1, 2, 3] }),
    'a written array': () => db.insert('notes', { id: 9, tags: [undefined] }),
    'written JSON': () => db.insert('notes', { id: 9, meta: [undefined] }),
    'raw SQL': () => db.sql`select ${undefined}::int`,
  };

  it.each(Object.keys(ELSEWHERE))('is a fault of the code in %s too', async (where) => {
    const error = await ELSEWHERE[where]!().then(
      () => expect.fail('it answered'),
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(UsageError);
  });

  it("is a request's where a part of the position is left out", async () => {
    await expect(db.select('notes', { orderBy: 'id', after: {} })).rejects.toBeInstanceOf(ValidationError);
  });

  it('are none where the property is absent', async () => {
    expect(await db.select('notes', {})).toHaveLength(3);
    expect(await db.count('notes', { filters: {} })).toBe(3);
    expect(await db.vectorSearch('notes', { vector: [1, 2, 3] })).toHaveLength(3);
    expect(await db.hybridSearch('notes', { text: 'note', vector: [1, 2, 3] })).toHaveLength(3);
    expect(await db.select('notes', { limit: undefined, orderBy: undefined } as never)).toHaveLength(3);
  });
});
