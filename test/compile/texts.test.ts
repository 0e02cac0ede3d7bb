import { describe, expect, it } from 'vitest';
import type { Compiled } from '../../src/consolidated/compile/compiled.ts';
import { compileCount } from '../../src/consolidated/compile/count.ts';
import { compileDelete } from '../../src/consolidated/compile/delete.ts';
import { compileInsert } from '../../src/consolidated/compile/insert.ts';
import { PlanCache } from '../../src/consolidated/compile/plan-cache.ts';
import { compileSelect } from '../../src/consolidated/compile/select.ts';
import { compileUpdate } from '../../src/consolidated/compile/update.ts';
import { compileUpsert } from '../../src/consolidated/compile/upsert.ts';
import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import { compileHybridSearch } from '../../src/consolidated/vectors/hybrid-search.ts';
import { fewRows } from '../../src/consolidated/vectors/search-tuning.ts';
import { compileVectorSearch } from '../../src/consolidated/vectors/vector-search.ts';
import { compileExplain } from './compile-explain.ts';
import { fixtureCatalog, fixtureContext } from './fixture-catalog.ts';

const context = fixtureContext();
const id = '5f0c6f5e-0f3c-4b6c-9d3b-0d6f7a3c1e11';
const text = (compiled: Compiled) => compiled.statement.plan.text;
const where = (filters: unknown) =>
  text(compileSelect(context, 'trips', { columns: ['id'], filters }))
    .replace('select t."id" from "public"."trips" as t where ', '')
    .replace(/ limit \$\d+::int8$/, '');

describe('the text of a select', () => {
  it('names columns of the catalog and binds all else', () => {
    const compiled = compileSelect(context, 'trips', {
      columns: ['id', 'we"ird', path('meta', 'from')],
      filters: { title: 'x', budget: op.gte(10) },
      orderBy: [{ column: 'seats', direction: 'desc', nulls: 'last' }, 'id'],
      limit: 20,
      offset: 40,
    });
    expect(text(compiled)).toBe(
      'select t."id", t."we""ird", (t."meta" #>> $3::text[]) from "public"."trips" as t' +
        ' where t."title" = $1::text and t."budget" >= $2::numeric' +
        ' order by t."seats" desc nulls last, t."id" limit $4::int8 offset $5::int8',
    );
    expect(compiled.statement.values).toEqual(['x', '10', '{"from"}', '20', '40']);
    expect(compiled.tables).toEqual(['public.trips']);
    expect(compiled.kind).toBe('select');
  });

  it('wraps the same text for one JSON document, with the nonce behind the values', () => {
    const { plan } = compileSelect(context, 'trips', {
      columns: ['id', 'budget'],
      filters: { title: 'x' },
    }).statement;
    expect(plan.document).toBe(
      'select json_build_array($3::text, array(select json_build_array(t."id", pg_catalog.numeric_out(t."budget"))' +
        ' from "public"."trips" as t where t."title" = $1::text limit $2::int8), $3::text)::text',
    );
    expect(plan).toMatchObject({
      intent: 'read',
      origin: 'compiled',
      name: expect.stringMatching(/^s_[0-9a-f]{24}$/),
    });
  });

  it('makes the document of a sorted result around it, of the rows that are left', () => {
    const { plan } = compileSelect(context, 'trips', { columns: ['id'], orderBy: 'seats' }).statement;
    expect(plan.document).toBe(
      'select json_build_array($2::text, array(select json_build_array(d.c0)' +
        ' from (select t."id" from "public"."trips" as t order by t."seats" limit $1::int8) as d(c0)), $2::text)::text',
    );
  });

  it('neither limits nor orders the one row that a unique key finds, and reads it where it stands', () => {
    const byKey = compileSelect(context, 'trips', {
      columns: ['id', 'budget'],
      filters: { id, open: true },
      orderBy: 'seats',
      limit: 10,
    }).statement;
    expect(byKey.plan.text).toBe(
      'select t."id", t."budget" from "public"."trips" as t where t."id" = $1::uuid and t."open" = $2::boolean',
    );
    expect(byKey.plan.document).toBe(
      'select json_build_array($3::text, array(select json_build_array(t."id", pg_catalog.numeric_out(t."budget"))' +
        ' from "public"."trips" as t where t."id" = $1::uuid and t."open" = $2::boolean), $3::text)::text',
    );
    expect(byKey.values).toEqual([id, 't']);
  });

  it.each<[string, object]>([
    ['part of a key', { filters: { seats: 1 } }],
    ['a key compared by an operator', { filters: { id: op.gte(id) } }],
    ['a key beside an alternative', { filters: op.or({ id }, { open: true }) }],
    ['a key that is null', { filters: { id: null } }],
    ['no row at all asked for', { filters: { id }, limit: 0 }],
    ['a page', { filters: { id }, offset: 0 }],
    ['a count beside the rows', { filters: { id }, count: 'exact' }],
  ])('limits %s', (_, options) => {
    expect(text(compileSelect(context, 'trips', { columns: ['id'], ...options }))).toContain(' limit $');
  });

  it('asks for one row more than a result may have', () => {
    expect(compileSelect(context, 'trips').statement.values).toEqual(['1001']);
    expect(compileSelect(context, 'trips', { limit: 5000 }).statement.values).toEqual(['1001']);
    expect(compileSelect(context, 'trips', { limit: 0 }).statement.values).toEqual(['0']);
  });

  it.each<[unknown, string]>([
    [{ budget: null, open: true }, 't."budget" is null and t."open" = $1::boolean'],
    [{ mood: op.in(['sad', 'ok']) }, 't."mood" = any($1::"public"."mood"[])'],
    [{ mood: op.not(op.eq('sad')) }, 'not (t."mood" = $1::"public"."mood")'],
    [{ title: op.isDistinct('x') }, 't."title" is distinct from $1::text'],
    [
      { days: op.overlaps('[1,2)'), tags: op.contains(['a']) },
      't."days" && $1::int4range and t."tags" @> $2::text[]',
    ],
    [
      { words: op.textSearch('a b', { type: 'websearch', config: 'english' }) },
      't."words" @@ websearch_to_tsquery($1::regconfig, $2::text)',
    ],
    [
      [{ id }, op.or({ title: 'a', seats: 1 }, { open: op.is(true) })],
      't."id" = $1::uuid and ((t."title" = $2::text and t."seats" = $3::integer) or (t."open" is true))',
    ],
    [
      op.not(op.and({ seats: 1 }, { seats: 2 })),
      'not (((t."seats" = $1::integer) and (t."seats" = $2::integer)))',
    ],
    [path('meta', 'a', 0).as('numeric').where(op.lt(3)), '(t."meta" #>> $1::text[])::numeric < $2::numeric'],
  ])('writes %j as a condition', (filters, expected) => {
    expect(where(filters)).toBe(expected);
  });

  it('pages by row comparison, or by a chain where nulls or directions forbid it', () => {
    const page = (orderBy: unknown, after: Record<string, unknown>) =>
      text(compileSelect(context, 'trips', { columns: ['id'], orderBy, after })).replace(
        /^.* where | order by .*$/g,
        '',
      );
    expect(page(['seats', 'id'], { seats: 1, id })).toBe('(t."seats", t."id") > ($1::integer, $2::uuid)');
    expect(page({ column: 'id', direction: 'desc' }, { id })).toBe('t."id" < $1::uuid');
    expect(page([{ column: 'seats', direction: 'desc' }, 'id'], { seats: 1, id })).toBe(
      't."seats" <= $1::integer and ((t."seats" < $1::integer) or (t."seats" = $1::integer and t."id" > $2::uuid))',
    );
    expect(page(['budget', 'id'], { budget: null, id })).toBe('(t."budget" is null and t."id" > $1::uuid)');
    expect(page(['budget', 'id'], { budget: 1, id })).toBe(
      '(((t."budget" > $1::numeric or t."budget" is null)) or (t."budget" = $1::numeric and t."id" > $2::uuid))',
    );
  });
});

describe('the text of a count', () => {
  it('counts, or asks the planner for what the caller may see', () => {
    expect(text(compileCount(context, 'trips', { filters: { id } }))).toBe(
      'select count(*) from "public"."trips" as t where t."id" = $1::uuid',
    );
    const planned = compileCount(context, 'trips', { filters: { id }, method: 'planned' });
    expect(text(planned)).toBe(
      'explain (format json) select 1 from "public"."trips" as t where t."id" = $1::uuid',
    );
    expect(planned.statement.plan.document).toBe('');
    const page = compileSelect(context, 'trips', {
      filters: { id },
      columns: [path('meta', 'x')],
      count: 'estimated',
    });
    expect(page.further.map(({ values }) => values)).toEqual([[id, '1001'], [id], ['"public"."trips"']]);
  });
});

describe('the text of a write', () => {
  it('inserts one row, or any number by one array for each column', () => {
    expect(text(compileInsert(context, 'trips', { title: 'a', tags: ['x'] }, { returning: ['id'] }))).toBe(
      'insert into "public"."trips" as t ("title", "tags") values ($1::text, $2::text[]) returning t."id"',
    );
    const many = compileInsert(
      context,
      'trips',
      [
        { title: 'a', seats: 1 },
        { title: 'b "', seats: 2, budget: 3 },
      ],
      { returning: false },
    );
    expect(text(many)).toBe(
      'insert into "public"."trips" as t ("title", "seats", "budget") select u.c0::text, u.c1::integer, u.c2::numeric from unnest($1::text[], $2::text[], $3::text[]) as u(c0, c1, c2)',
    );
    expect(many.statement.values).toEqual(['{"a","b \\""}', '{"1","2"}', '{NULL,"3"}']);
    expect(many.statement.plan.document).toBe(
      `with w(c0) as (${text(many)} returning 1) select json_build_array($4::text, count(*), null::json, $4::text)::text from w`,
    );
  });

  it('upserts by a unique key', () => {
    expect(text(compileUpsert(context, 'trips', { id, title: 'a', seats: 1 }, { returning: false }))).toBe(
      'insert into "public"."trips" as t ("id", "title", "seats") values ($1::uuid, $2::text, $3::integer) on conflict ("id") do update set "title" = excluded."title", "seats" = excluded."seats"',
    );
    const ignoring = compileUpsert(
      context,
      'trips',
      { title: 'a', seats: 1 },
      { onConflict: ['seats', 'title'], ignoreDuplicates: true, returning: false },
    );
    expect(text(ignoring)).toContain('on conflict ("seats", "title") do nothing');
  });

  it('updates and deletes what matches, and fails on another number of rows than expected', () => {
    const update = compileUpdate(
      context,
      'trips',
      { title: 'a', meta: null },
      { filters: { id }, returning: ['id'], expect: 1 },
    );
    expect(text(update)).toBe(
      'with w(c0) as (update "public"."trips" as t set "title" = $1::text, "meta" = $2::jsonb where t."id" = $3::uuid returning t."id") ' +
        "select n.total, p.present, p.c0 from (select case when count(*) = $4::int8 then count(*) else ($5::text || count(*) || ':' || $4::int8)::int8 end from w) as n(total) " +
        'left join (select true, c0 from w) as p(present, c0) on true',
    );
    expect(text(compileDelete(context, 'trips', { all: true, returning: false }))).toBe(
      'delete from "public"."trips" as t',
    );
  });

  it('explains any statement, in typed rows only', () => {
    const explained = compileExplain(compileDelete(context, 'trips', { all: true, returning: false }), {
      analyze: true,
    });
    expect(explained.statement.plan).toMatchObject({
      text: 'explain (format json, analyze, buffers) delete from "public"."trips" as t',
      document: '',
      intent: 'write',
    });
    expect(compileExplain(compileSelect(context, 'trips')).statement.plan.intent).toBe('read');
  });
});

describe('a vector search', () => {
  const settings = (options: object) =>
    new Map(compileVectorSearch(context, 'trips', { vector: [1, 0, 0], ...options }).settings);

  it('sets what keeps a filter from shortening the result', () => {
    expect([...settings({})]).toEqual([
      ['jit', 'off'],
      ['plan_cache_mode', 'force_generic_plan'],
      ['enable_sort', 'off'],
      ['hnsw.iterative_scan', 'relaxed_order'],
      ['hnsw.ef_search', '200'],
      ['hnsw.max_scan_tuples', '286'],
      ['hnsw.scan_mem_multiplier', '2'],
    ]);
    expect(settings({ limit: 900 }).get('hnsw.ef_search')).toBe('1000');
    expect(settings({ recall: 'fast' }).get('hnsw.ef_search')).toBe('100');
    expect(settings({ efSearch: 7 }).get('hnsw.ef_search')).toBe('7');
    for (const exact of [{ exact: true }, { recall: 'exact' }])
      expect([...settings(exact)]).toEqual([
        ['jit', 'off'],
        ['plan_cache_mode', 'force_generic_plan'],
      ]);
  });

  it('has no parts of which none could be needed where it is exact', () => {
    const search = (options: object) =>
      text(compileVectorSearch(context, 'trips', { vector: [1, 0, 0], columns: ['title'], ...options }));
    expect(search({ exact: true })).toBe(search({ recall: 'exact' }));
    expect(search({ exact: true })).not.toMatch(/near|probe|verdict/);
    expect(search({})).toMatch(/probe\(n\).*near\(.*verdict\(short\)/);
  });
});

describe('a hybrid search', () => {
  it('joins two lists of keys, each with its own order and limit, and reads the rows of the result', () => {
    const search = compileHybridSearch(context, 'trips', {
      ...{ text: 'sea', vector: [1, 0, 0], filters: { seats: 2 }, columns: ['title'], limit: 5 },
      ...{ similarityThreshold: 0.5, weights: { vector: 2 } },
    });
    const query = "(select websearch_to_tsquery('pg_catalog.english'::regconfig, $2::text))";
    const distance = 't."embedding" operator("extensions".<=>) $1::"extensions"."vector"';
    const passing =
      'from "public"."trips" as t where $6::float8 > 0 and t."embedding" is not null and t."seats" = $3::integer';
    const row = `select t."id", ${distance} ${passing}`;
    const near = `${row} and (select probe.n from probe) > $11::int8 order by ${distance} limit $10::int8`;
    const beyond = "1 - s.distance >= $4::float8 and 1 - s.distance <> 'NaN'::float8";
    const short = `(select count(*) from near) < $10::int8 or (select count(*) from near as s where ${beyond}) < $8::int8`;
    const parts =
      `with probe(n) as materialized (select count(*) from (select ${passing} limit $11::int8 + 1) as p), ` +
      `near(c0, distance) as materialized (${near}), ` +
      `verdict(short) as materialized (select (select probe.n from probe) > $11::int8 and (${short})), ` +
      'nearest(c0, place) as materialized (select c0, row_number() over (order by s.distance + 0, c0) from (' +
      `(select * from (${row} and (select probe.n from probe) <= $11::int8 limit $11::int8) as f(c0, distance) order by f.distance + 0 limit $8::int8) union all ` +
      '(select * from near where not (select verdict.short from verdict) order by near.distance + 0 limit $8::int8) union all ' +
      `(select t."id", (${distance}) + 0 ${passing} and (select verdict.short from verdict) order by 2 limit $8::int8)` +
      ") as s(c0, distance) where s.distance <> 'NaN'::float8 and 1 - s.distance >= $4::float8), " +
      `told(report) as materialized (select case when (select probe.n from probe) <= $11::int8 then 2 ` +
      'when (select verdict.short from verdict) then 3 else 1 end::int8 from (select count(*) from nearest) as n) ';
    const matching =
      'select k0, row_number() over (order by m.relevance desc, k0) from (' +
      `select t."id" as k0, ts_rank_cd(t."words", ${query}) as relevance from "public"."trips" as t where t."words" @@ ${query} and $5::float8 > 0 and t."seats" = $3::integer order by relevance desc, k0 limit $8::int8` +
      ') as m';
    const fused =
      'select coalesce(n.k0, m.k0) as k0, coalesce($5::float8 / ($7::float8 + m.place), 0) + coalesce($6::float8 / ($7::float8 + n.place), 0) as score ' +
      `from nearest as n(k0, place) full join (${matching}) as m(k0, place) on n.k0 = m.k0 order by score desc, k0 limit $9::int8`;
    expect(text(search)).toBe(
      `${parts}select n.total, p.present, p.c0, p.c1, p.c2, p.c3 from (select told.report from told) as n(total) left join (` +
        `select true, t."title", f.score, nullif(1 - (${distance}), 'NaN'::float8), case when t."words" @@ ${query} then ts_rank_cd(t."words", ${query}) end ` +
        `from (${fused}) as f join "public"."trips" as t on f.k0 = t."id" order by f.score desc, f.k0` +
        ') as p(present, c0, c1, c2, c3) on true',
    );
    const few = String(fewRows(100, undefined));
    const values = ['[1,0,0]', 'sea', '2', '0.5', '1', '2', '60', '100', '5', '100', few];
    expect(search.statement.values).toEqual(values);
  });
});

describe('plans', () => {
  it('are made once for a shape, whatever the values', () => {
    const plan = (title: string, limit: number) =>
      compileSelect(context, 'trips', { filters: { title }, limit }).statement.plan;
    expect(plan('a', 1)).toBe(plan('b', 2));
    const insert = (n: number) =>
      compileInsert(
        context,
        'trips',
        Array.from({ length: n }, () => ({ title: 'x' })),
      ).statement.plan;
    expect(insert(1)).toBe(insert(500));
    const within = (values: string[]) =>
      compileSelect(context, 'trips', { filters: { title: op.in(values) } }).statement.plan;
    expect(within([])).toBe(within(['a', 'b']));
  });

  it('differ by shape, schema load and decoding', () => {
    const plan = (changes: Parameters<typeof fixtureContext>[0], options = {}) =>
      compileSelect({ ...context, ...changes }, 'trips', options).statement.plan;
    const first = plan({});
    expect(plan({}, { offset: 0 })).not.toBe(first);
    expect(plan({ decode: { largeNumbers: 'string' } })).not.toBe(first);
    const { relation } = fixtureCatalog;
    const reloaded = {
      ...fixtureCatalog,
      relation: (schema: string, name: string) => ({ ...relation(schema, name)! }),
    };
    expect(plan({ catalog: reloaded })).not.toBe(first);
  });

  it('are dropped when there are too many', () => {
    const plans = new PlanCache(2);
    for (const column of ['id', 'title', 'seats', 'budget']) {
      compileSelect(fixtureContext({ plans }), 'trips', { columns: [column] });
    }
    expect(plans.size).toBe(2);
    const short = new PlanCache(1000, 1000);
    for (const column of ['id', 'title', 'seats', 'budget', 'mood', 'tags']) {
      compileSelect(fixtureContext({ plans: short }), 'trips', { columns: [column] });
    }
    expect(short.size).toBeLessThan(6);
  });
});
