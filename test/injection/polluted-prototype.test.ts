import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createRepository,
  DatabaseError,
  fragment,
  json,
  op,
  path,
  publicError,
  service,
  user,
} from '../../src/index.ts';
import type { EmbeddedDatabase } from '../../src/modes/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const SCHEMA = `
  create type mood as enum ('sad', 'ok');
  create table things (id int primary key, name text unique, tags text[], meta jsonb, at timestamptz, mood mood,
    amount numeric, near extensions.vector(2));
  insert into things values (1, 'one', '{a}', '{"n": 1}', 'epoch', 'ok', 1.5, '[1,0]'),
    (2, 'two', '{b}', '{"n": 2}', 'epoch', 'sad', null, '[0,1]');
  grant all on things to service_role, authenticated;
  create function said(words text[], meta jsonb) returns text immutable language sql as
    'select words::text || meta::text';
`;

/**
 * The language itself reads these by inheritance: descriptors of properties, results of iterators, thenables. What adds
 * them to all objects breaks every program.
 */
const OF_THE_LANGUAGE = new Set(
  `get set value writable enumerable configurable then next done return throw toJSON __proto__ constructor raw`.split(
    ' ',
  ),
);

/**
 * Every name that an object of ours may lack: options, optional fields, what is asked of an object for its own, operators,
 * and the options of the libraries that are called for each statement.
 */
function namesInSource(): readonly string[] {
  const src = resolve(import.meta.dirname, '../../src');
  const names = new Set<string>([...Object.keys(op), ...OF_LIBRARIES]);
  for (const room of ['contract', 'modes', 'consolidated', 'business']) {
    for (const file of readdirSync(join(src, room), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const text = readFileSync(join(src, room, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      for (const [, name] of text.matchAll(/\b(\w+)\?:/g)) names.add(name!);
      for (const [, name] of text.matchAll(/\bown\([^)]*, '(\w+)'\)/g)) names.add(name!);
      for (const [given] of text.matchAll(/\boptionNames\([^)]*\)/g)) {
        for (const [, name] of given.matchAll(/'(\w+)'/g)) names.add(name!);
      }
    }
  }
  return [...names].filter((name) => !(name in Object.prototype) && !OF_THE_LANGUAGE.has(name)).sort();
}

/** Of lru-cache, of an event listener, of an error. */
const OF_LIBRARIES = 'status allowStale ttl start size noUpdateTTL once passive capture signal cause'.split(
  ' ',
);

/** Names that were added to the prototype of all objects, while code of ours runs. */
class Pollution {
  #names: readonly string[] = [];

  async during<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    this.#names = names;
    this.#add();
    try {
      return await work();
    } finally {
      this.#remove();
      this.#names = [];
    }
  }

  /** What is not ours runs without it. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.#remove();
    try {
      return await work();
    } finally {
      this.#add();
    }
  }

  #add(): void {
    for (const name of this.#names) {
      Object.defineProperty(Object.prototype, name, {
        value: 'polluted',
        configurable: true,
        writable: true,
      });
    }
  }

  #remove(): void {
    for (const name of this.#names) delete (Object.prototype as Record<string, unknown>)[name];
  }
}

const pollution = new Pollution();

/** The database, which runs without what was added. */
function shielded(database: PGlite): EmbeddedDatabase & Pick<PGlite, 'close' | 'listen'> {
  return {
    execProtocol: (bytes, options) => pollution.aside(() => database.execProtocol(bytes, options)),
    runExclusive: (work) => database.runExclusive(work),
    _runExclusiveTransaction: (work) => database._runExclusiveTransaction(work),
    close: () => database.close(),
    listen: (channel, callback) => database.listen(channel, callback),
  };
}

const undone = new RangeError('undone');

/** What calls of all kinds answer or throw. */
async function told(db: ConsolidatedDatabaseService): Promise<string> {
  const all: unknown[] = [];
  const tell = async (call: () => unknown) => {
    try {
      all.push(await call());
    } catch (error) {
      all.push(
        error instanceof DatabaseError
          ? [error, publicError(error), Object.hasOwn(error, 'cause') ? `${error.cause}` : 'none']
          : String(error),
      );
    }
  };
  for (const handle of [db.as(service()), db.as(user({ sub: 'me' }))]) {
    await tell(() => handle.select('things'));
    await tell(() =>
      handle.select('things', {
        columns: ['id', path('meta', 'n')],
        filters: [{ name: op.gte('a'), mood: 'ok' }, op.or({ id: op.in([1, 2]) }, op.not(op.or({ id: 3 })))],
        orderBy: [{ column: 'id', direction: 'desc' }],
        limit: 1,
        count: 'exact',
      }),
    );
    await tell(() => handle.select('things', { columns: ['id'], orderBy: 'id', after: { id: 1 } }));
    await tell(() => handle.selectOne('things', { filters: { id: 1 } }));
    await tell(() => handle.selectMaybe('things', { filters: { id: 9 } }));
    await tell(() => handle.count('things', { filters: { amount: op.isDistinct(null) } }));
    // What is kept is given, and outdated by what writes it.
    for (const amount of [7, 1.5]) {
      await tell(() => handle.select('things', { columns: ['id', 'amount'], orderBy: 'id', cache: true }));
      await tell(() => handle.selectOne('things', { filters: { id: 1 }, cache: { tags: ['one'] } }));
      await tell(() => handle.count('things', { cache: { ttlMs: 60_000, swrMs: 1 } }));
      await tell(() => handle.rpc('said', { words: ['a'], meta: {} }, { cache: true }));
      await tell(() => handle.vectorSearch('things', { vector: [1, 0], columns: ['amount'], cache: true }));
      await tell(() => handle.update('things', { amount }, { filters: { id: 1 } }));
      await tell(() => handle.select('things', { columns: ['id', 'amount'], orderBy: 'id', cache: true }));
      await tell(() => handle.sql({ writes: ['things'] })`update things set amount = ${amount} where id = 1`);
      await tell(() => handle.transaction((tx) => tx.count('things', { cache: true })));
    }
    await tell(() => handle.explainCache(handle.build.select('things')));
    await tell(() => handle.explainCache(handle.build.delete('things', { all: true })));
    await tell(() => handle.select('things', { cache: { ttl: 1 } as never }));
    await tell(() => db.cache.invalidate({ tags: ['one'] }));
    await tell(() => db.cache.invalidate({ table: ['things'] } as never));
    await tell(() => handle.rpc('said', { words: ['a'], meta: { a: [1] } }));
    await tell(() => handle.vectorSearch('things', { vector: [1, 0], columns: ['id'] }));
    await tell(() => handle.vectorSearch('things', { near: { id: 1 }, columns: ['id'], recall: 'fast' }));
    await tell(() => handle.vectorSearch('things', { near: { id: 99 }, columns: ['id'] }));
    await tell(() => handle.vectorSearch('things', { vectors: [[1, 0]], columns: ['id'], info: true }));
    await tell(() => handle.transaction((tx) => tx.vectorSearch('things', { near: { id: 1 } })));
    await tell(() =>
      handle.hybridSearch('things', {
        text: 'one',
        textColumn: 'name',
        vector: [1, 0],
        weights: { text: 2 },
      }),
    );
    await tell(
      () => handle.sql`select id, meta from things where id = ${1} and ${fragment`name = ${'one'}`}`,
    );
    const things = createRepository(handle, 'things');
    await tell(() => things.find(1));
    await tell(() =>
      things.list({ columns: ['name'], orderBy: { column: 'amount' }, limit: 1, cache: true }),
    );
    await tell(() => things.list({ after: { id: 1 }, count: 'exact' }));
    await tell(() => things.update(1, { amount: 1.5 }, { unchanged: { name: 'one' } }));
    await tell(() => things.remove(9));
    await tell(() => things.find({} as never));
    await tell(() => things.withTransaction((inside) => inside.get(2, { columns: ['id'] })));
    await tell(() => createRepository(handle, 'things', { key: ['id', 'tags'] }).find({ id: 1 } as never));
    await tell(() => handle.batch([handle.build.count('things'), handle.build.select('things')]));
    await tell(() => handle.explain(fragment`select 1`));
    await tell(async () => {
      const rows: unknown[] = [];
      for await (const row of handle.stream('things', { batchSize: 1, orderBy: 'id' })) rows.push(row);
      return rows;
    });
    await tell(() =>
      handle.transaction(async (tx) => {
        await tell(() => tx.insert('things', { id: 3, meta: json(null), at: new Date(0) }));
        await tell(() => tx.insert('things', [{ id: 4, tags: ['x'] }, { id: 5 }], { expect: 2 }));
        await tell(() => tx.upsert('things', { id: 3, name: 'three' }, { returning: ['name'] }));
        await tell(() =>
          tx.update('things', { amount: 7 }, { filters: { id: 3 }, unchanged: { name: 'three' } }),
        );
        await tell(() => tx.delete('things', { filters: { id: 4 }, returning: false }));
        await tell(() => tx.sql`update things set amount = 8 where id = ${3}`);
        await tell(() => tx.transaction((inner) => inner.insert('things', { id: 1 })));
        await tell(() => tx.select('things', { orderBy: 'id' }));
        throw undone;
      }),
    );
    // Whatever is wrong is told as before.
    await tell(() => handle.insert('things', { id: 1 }));
    await tell(() => handle.insert('things', { id: 'x' }));
    await tell(() => handle.insert('things', { id: 6, name: 'one' }));
    await tell(() => handle.insert('things', { id: 6, mood: 'bad' }));
    await tell(() => handle.update('things', { id: 6 }, {} as never));
    await tell(() => handle.select('thing'));
    await tell(() => handle.select('things', { limits: 1 } as never));
    await tell(() => handle.sql`select 1 / ${0}::int`);
    await tell(() => handle.sql`selec 1`);
    await tell(() => handle.count('things', { signal: AbortSignal.abort() }));
    await tell(() => handle.transaction(async () => 1, { isolation: 'serializable', readOnly: true }));
  }
  await tell(() => db.as(anonymous()).select('things'));
  await tell(() => db.select('things'));
  return JSON.stringify(all, (_key, value) => (value === undefined ? 'undefined' : value), 1);
}

describe('beside a changed prototype of all objects', () => {
  let pglite: PGlite;
  let db: ConsolidatedDatabaseService;
  let expected: string;

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ sql: SCHEMA });
    db = createDatabaseService({
      embedded: { pglite: shielded(pglite) },
      onWarning: () => {},
      cache: {
        tables: { things: { swrMs: 5 }, said: {} },
        functions: { said: { reads: [] }, unsaid: { writes: ['things'] } },
      },
    });
    await told(db);
    expected = await told(db);
    expect(expected).not.toContain('ServiceError');
    for (const code of ['UNIQUE_VIOLATION', 'IDENTITY_REQUIRED', 'UNKNOWN_OPTION', 'ABORTED']) {
      expect(expected).toContain(code);
    }
  });
  afterAll(async () => {
    await db.close();
    await pglite.close();
  });

  it('all calls answer as before, whatever name of ours was added', async () => {
    const names = namesInSource();
    expect(names).toEqual(
      expect.arrayContaining(['described', 'gte', 'signal', 'cause', 'filters', 'total']),
    );
    expect(names.length).toBeGreaterThan(150);
    const affected = async (some: readonly string[]): Promise<readonly string[]> => {
      const answer = await pollution.during(some, () => told(db)).catch((error: unknown) => String(error));
      if (answer === expected) return [];
      if (some.length === 1) return some;
      const half = some.length >> 1;
      return [...(await affected(some.slice(0, half))), ...(await affected(some.slice(half)))];
    };
    expect(await affected(names)).toEqual([]);
  }, 120_000);
});
