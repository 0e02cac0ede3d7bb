import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, op, path, service } from '../../src/index.ts';
import { TOO_LARGE, VALUE_TYPES, VALUES } from '../parity/value-cases.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { type AnyOperations, type Side, TwoSides } from './two-sides.ts';

const numbered = VALUES.map(([type, literal, expected], at) => ({ name: `${type} ${literal.slice(0, 40)}`, column: `c${at}`, type, literal, expected })); // biome-ignore format: one line

describeFullStack('answers of a legacy database', () => {
  let sides: TwoSides;
  let as: Readonly<Record<Side, AnyOperations>>;
  let legacy: AnyOperations;

  beforeAll(async () => {
    sides = await TwoSides.open({
      sql: `${VALUE_TYPES}
        create table valued (${numbered.map(({ column, type }) => `${column} ${type}`).join(', ')});
        insert into valued values (${numbered.map(({ literal, type }) => `${literal}::${type}`).join(', ')});
        create table wide (id int primary key, n bigint, j jsonb, a bigint[]);
        create table many (id int primary key);
        insert into many select generate_series(1, 1500);
        create table documents (id int primary key, body jsonb, note text default 'none', embedding extensions.vector(3), kind text);
        insert into documents (id, embedding, kind) values (1, '[1,0,0]', 'a'), (2, '[0.9,0.1,0]', 'b'), (3, '[0,1,0]', 'a'), (4, null, 'a');
        create function match_documents(query_embedding extensions.vector, match_count int, min_similarity float8 default -1, in_kind text default null)
          returns table (id int, kind text, similarity float8) language sql stable set search_path = public, extensions as $$
            select d.id, d.kind, 1 - (d.embedding <=> query_embedding) from documents d
            where d.embedding is not null and (in_kind is null or d.kind = in_kind) and 1 - (d.embedding <=> query_embedding) >= min_similarity
            order by d.embedding <=> query_embedding limit match_count $$;
        create function nothing() returns void language sql as $$ $$;
        create function no_value() returns int language sql as $$ select null::int $$;
        create function one_value() returns bigint language sql as $$ select 7::bigint $$;
        create function a_wide_value() returns bigint language sql as $$ select 9007199254740993 $$;
        create function some_values() returns setof text language sql as $$ values ('a'), (null) $$;
        create function a_row() returns documents language sql as $$ select * from documents where id = 1 $$;
        create function a_named(out n int) language sql as $$ select 3 $$;
        create function many_ids() returns setof int language sql stable as $$ select id from many $$;
        create function thousand_ids() returns setof int language sql stable as $$ select id from many order by id limit 1000 $$;
        create function echo(given jsonb, at timestamptz default now()) returns jsonb language sql as $$ select jsonb_build_object('given', given) $$;
        grant all on all tables in schema public to service_role;`,
    });
    as = sides.as('service');
    const search = {
      documents: {
        function: 'match_documents',
        threshold: 'min_similarity',
        filters: { kind: 'in_kind' },
        column: 'embedding',
      },
    };
    legacy = sides.legacy({ vectorSearch: search }).as(service());
  });
  afterAll(() => sides[Symbol.asyncDispose]());

  describe('have the values that the service gives, of the type', () => {
    it.each(numbered)('$name', async ({ column, expected }) => {
      expect(await legacy.select('valued', { columns: [column] })).toEqual([{ [column]: expected }]);
    });
  });

  it('have no number that would be rounded', async () => {
    for (const [index, [type, literal]] of TOO_LARGE.entries()) {
      if (type.endsWith('[]') || type === 'place') continue;
      const table = `wide_${index}`;
      await sides.database.query(
        `create table ${table} as select ${literal}::${type} as n; grant all on ${table} to service_role; notify pgrst`,
      );
      await expect(legacy.select(table)).rejects.toMatchObject({
        name: 'UnreadableDataError',
        code: 'NUMBER_TOO_LARGE',
        outcome: 'not-applied',
      });
    }
    await expect(legacy.rpc('a_wide_value')).rejects.toMatchObject({ code: 'NUMBER_TOO_LARGE' });
  });

  it('say that a write was applied whose numbers would be rounded', async () => {
    await expect(legacy.insert('wide', { id: 1, n: 9007199254740993n })).rejects.toMatchObject({
      code: 'NUMBER_TOO_LARGE',
      outcome: 'applied',
    });
    expect(await sides.database.query('select n::text from wide')).toEqual([{ n: '9007199254740993' }]);
    await sides.database.query('truncate wide');
  });

  it('round what is inside arrays and json, where the two cannot be told apart', async () => {
    await sides.database.query(
      `insert into wide values (2, 1, '{"n": 9007199254740993}', '{9007199254740993}')`,
    );
    expect(await legacy.select('wide')).toEqual([
      { id: 2, n: 1, j: { n: 9007199254740992 }, a: [9007199254740992] },
    ]);
  });

  it('are not cut silently: more rows than the Data API gives at once are an error', async () => {
    const tooMany = { name: 'UnreadableDataError', code: 'RESULT_TOO_LARGE' };
    await expect(legacy.select('many')).rejects.toMatchObject(tooMany);
    await expect(legacy.select('many', { limit: 1200 })).rejects.toMatchObject(tooMany);
    expect(await legacy.select('many', { limit: 1000 })).toHaveLength(1000);
    expect(await legacy.select('many', { orderBy: 'id', offset: 500 })).toHaveLength(1000);
    expect(await legacy.select('many', { filters: { id: op.lte(1000) } })).toHaveLength(1000);
    expect(await legacy.count('many')).toBe(1500);
    await expect(legacy.rpc('many_ids')).rejects.toMatchObject({ ...tooMany, outcome: 'applied' });
    const told = sides.legacy({ readFunctions: ['many_ids', 'thousand_ids'] }).as(service());
    await expect(told.rpc('many_ids')).rejects.toMatchObject({ ...tooMany, outcome: 'not-applied' });
    expect(await told.rpc('thousand_ids')).toHaveLength(1000);
  });

  it('count the rows of all pages, also behind the last one', async () => {
    const page = { orderBy: 'id', limit: 2, count: 'exact' } as const;
    for (const offset of [0, 1499, 1500, 1501, 9000]) {
      const options = { ...page, offset };
      expect(await legacy.select('many', options)).toEqual(await as.consolidated.select('many', options));
    }
  });

  it.each(['nothing', 'no_value', 'one_value', 'some_values', 'a_row', 'a_named'] as const)(
    'have the shape that the function %s declares',
    async (name) => {
      expect(await legacy.rpc(name)).toEqual(await as.consolidated.rpc(name));
    },
  );

  it('of functions take their arguments by name', async () => {
    const args = { given: { a: ['x', null, 'say "hi"'] }, at: new Date('2027-01-02') };
    expect(await legacy.rpc('echo', args)).toEqual(await as.consolidated.rpc('echo', args));
    expect(await legacy.rpc('echo', { given: json([1]), at: undefined })).toEqual({ given: [1] });
  });

  it('find the nearest rows by the function of the table', async () => {
    const options = { vector: [1, 0, 0], limit: 2, columns: ['id'] } as const;
    const near = await legacy.vectorSearch('documents', options);
    expect(near).toEqual(await as.consolidated.vectorSearch('documents', options));
    const filtered = {
      ...options,
      column: 'embedding',
      filters: { kind: 'a' },
      similarityThreshold: 0.5,
    } as const;
    expect(await legacy.vectorSearch('documents', filtered)).toEqual([{ id: 1, similarity: 1 }]);
  });

  it('refuse what a function behind the Data API could only do wrongly', async () => {
    const refused = { name: 'UsageError', code: 'NOT_OVER_DATA_API' };
    const vector = [1, 0, 0];
    const cases = [
      legacy.vectorSearch('documents', { vector, filters: { id: 1 } }),
      legacy.vectorSearch('documents', { vector, filters: { kind: op.neq('a') } }),
      legacy.vectorSearch('documents', { vector, filters: [op.or({ kind: 'a' })] }),
      legacy.vectorSearch('documents', { vector, column: 'other' }),
      legacy.vectorSearch('many', { vector }),
      legacy.select('documents', { filters: [path('body', 'x').where('y')] }),
      legacy.insert('documents', { id: 9, body: json(null) }),
      legacy.select('documents', { cache: true as never }),
      legacy.vectorSearch('documents', { vector, cache: { ttlMs: 5 } as never }),
    ];
    for (const call of cases) await expect(call).rejects.toMatchObject(refused);
  });

  it('have no options of the service alone', async () => {
    for (const options of [{ mode: 'direct' }, { label: 'x' }, { after: {} }, { key: 'id' }] as never[]) {
      await expect(legacy.select('documents', options)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' });
    }
    for (const options of [{ expect: 1 }, { idempotencyKey: 'k' }, { unchanged: {} }] as never[]) {
      await expect(legacy.insert('documents', { id: 9 }, options)).rejects.toMatchObject({
        code: 'UNKNOWN_OPTION',
      });
    }
    expect(await legacy.count('documents', { cache: false })).toBe(4);
  });

  it('of writes give what JSON cannot carry', async () => {
    await legacy.insert('documents', {
      id: 10,
      body: { at: new Date('2027-01-02'), text: 'null' },
      embedding: new Float32Array([0.5, 0, 1]),
      note: undefined,
    });
    expect(
      await sides.database.query('select body, embedding::text, note from documents where id = 10'),
    ).toEqual([
      { body: { at: '2027-01-02T00:00:00.000Z', text: 'null' }, embedding: '[0.5,0,1]', note: 'none' },
    ]);
    expect(await legacy.insert('documents', [])).toEqual([]);
    expect(
      await legacy.insert('documents', [{ id: 11 }, { id: 12, kind: 'c' }], { returning: ['id', 'kind'] }),
    ).toEqual([
      { id: 11, kind: null },
      { id: 12, kind: 'c' },
    ]);
    expect(await legacy.delete('documents', { filters: { id: op.gte(10) }, returning: false })).toBe(3);
  });
});
