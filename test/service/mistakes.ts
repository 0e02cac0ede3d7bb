import {
  type ConsolidatedDatabaseService,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  fragment,
  identifier,
  join,
  op,
  path,
  service,
  user,
} from '../../src/index.ts';
import type { TestDatabase } from '../support/full-stack.ts';

const ME = '6f1d7a8e-2f0c-4b5a-9d3e-0a1b2c3d4e5f';
export const MISTAKES_SQL = `
  create type mood as enum ('calm', 'busy');
  create table trips (
    id uuid primary key default gen_random_uuid(), owner uuid not null default auth.uid(), title text not null check (title <> ''),
    seats int not null default 1, mood mood, price numeric(8, 2), starts_on date, tags text[] not null default '{}',
    meta jsonb, raw json, version int not null default 1, code varchar(3), doubled int generated always as (seats * 2) stored,
    place extensions.vector(3), unique (title)
  );
  alter table trips enable row level security;
  create policy "mine" on trips for all using (owner = auth.uid()) with check (owner = auth.uid());
  grant all on trips to authenticated;
  create table stops (id int primary key, trip uuid references trips, n int);
  grant all on stops to authenticated;
  insert into stops values (1, null, 1), (2, null, 1);
  create table unkeyed (title text, place extensions.vector(3));
  grant all on unkeyed to authenticated;
  create table hidden (id int primary key);
  revoke all on hidden from public, anon, authenticated;
  create table big (id int primary key, n bigint);
  insert into big values (1, 9007199254740993);
  grant select on big to authenticated;
  create materialized view stop_count as select count(*)::int as n from stops;
  create function add(a int, b int) returns int language sql immutable as $$ select a + b $$;
  create function refuse() returns int language plpgsql as $$ begin raise exception 'not on Sundays'; end $$;
  create function forbidden_fn() returns int language sql as $$ select 1 $$;
  revoke all on function forbidden_fn() from public, anon, authenticated, service_role;
  create schema closed;
  create table closed.things (id int primary key);
  grant all on closed.things to authenticated;
  revoke all on schema closed from public, anon, authenticated;
  create view sooner with (security_invoker) as select id from trips where now() > 'epoch';
  grant select on sooner to authenticated;
  create schema open_schema;
`;

type Call = (db: DatabaseHandle, all: ConsolidatedDatabaseService) => unknown;
/** What is wrong, the call, its status, and what the message or its hint must say: the thing, what it was, what is allowed. */
type Mistake = readonly [what: string, call: Call, status: number, ...says: readonly (string | RegExp)[]];

const any = (value: unknown) => value as never;
const one = { filters: { id: ME } };

/** Whoever sent the request can act. */
// biome-ignore format: one mistake a line
export const OF_THE_REQUEST: readonly Mistake[] = [
  ['a uuid that is none', (db) => db.select('trips', { filters: { id: 'seven' } }), 400, '"id" of "trips"', 'other text', 'UUID'],
  ['a day that is none', (db) => db.insert('trips', { title: 'a', starts_on: 'soon' }), 400, '"starts_on"', 'other text', '2024-01-31'],
  ['a day that the month lacks', (db) => db.insert('trips', { title: 'a', starts_on: '2023-02-29' }), 400, '"starts_on"', '2024-01-31'],
  ['a number as text', (db) => db.insert('trips', { title: 'a', seats: 'two' }), 400, '"seats" of "trips"', 'other text', 'whole number from'],
  ['a fraction', (db) => db.insert('trips', { title: 'a', seats: 1.5 }), 400, '"seats"', 'a fraction', 'whole number'],
  ['a number out of range', (db) => db.insert('trips', { title: 'a', seats: 2 ** 31 }), 400, '"seats"', 'another number', '2147483647'],
  ['NaN', (db) => db.update('trips', { seats: Number.NaN }, one), 400, '"seats"', 'NaN', 'whole number'],
  ['true as a number', (db) => db.update('trips', { seats: true }, one), 400, '"seats"', 'a boolean', 'whole number'],
  ['a label that the enum lacks', (db) => db.insert('trips', { title: 'a', mood: 'angry' }), 400, '"mood"', 'other text', "'calm', 'busy'"],
  ['a number as a title', (db) => db.insert('trips', { title: 5 }), 400, '"title"', 'another number', 'text'],
  ['an object as a title', (db) => db.insert('trips', { title: {} }), 400, '"title"', 'an object', 'text'],
  ['text instead of an array', (db) => db.insert('trips', { title: 'a', tags: 'x' }), 400, '"tags"', 'other text', 'an array'],
  ['U+0000', (db) => db.insert('trips', { title: 'a\0b' }), 400, '"title"', 'U+0000'],
  ['half of a surrogate pair', (db) => db.insert('trips', { title: '\ud83d' }), 400, '"title"', 'lone surrogate', 'well-formed'],
  ['text that is too long', (db) => db.insert('trips', { title: 'a', code: 'LONG' }), 400, 'character varying(3)'],
  ['an amount that is too large', (db) => db.insert('trips', { title: 'a', price: 10 ** 9 }), 400, 'out of range'],
  ['a day that Postgres cannot read', (db) => db.insert('trips', { title: 'a', starts_on: '31/31/2024' }), 400, 'date or time', 'out of range'],
  ['null where there must be a value', (db) => db.insert('trips', { title: null }), 422, '"title"', 'must not be null'],
  ['no value where there must be one', (db) => db.insert('trips', { seats: 1 }), 422, '"title"', 'must not be null'],
  ['a violated check', (db) => db.insert('trips', { title: '' }), 422, 'trips_title_check', '"trips"'],
  ['a value that is taken', (db) => db.insert('trips', [{ title: 'twice' }, { title: 'twice' }]), 409, '"trips"', 'trips_title_key'],
  ['a reference to nothing', (db) => db.insert('stops', { id: 5, trip: ME }), 409, 'stops_trip_fkey', '"stops"'],
  ['two rows of an upsert with one key', (db) => db.upsert('stops', [{ id: 7 }, { id: 7 }]), 400, 'same key'],
  [
    'a version that has changed',
    async (db) => {
      const { id } = await db.insert('trips', { title: 'v' });
      await db.update('trips', { seats: 2 }, { filters: { id }, unchanged: { version: 7 } });
    },
    409,
    "'unchanged'",
    'changed',
  ],
  ['a row to change that is not there', (db) => db.update('trips', { seats: 2 }, { ...one, unchanged: { version: 7 } }), 404, "'filters'", 'No row'],
  ['a row that is not there', (db) => db.selectOne('trips', one), 404, '"trips"'],
  ['another number of rows', (db) => db.delete('trips', { ...one, expect: 1 }), 404, '0 rows', "'expect' is 1"],
  ['an array as a filter', (db) => db.select('trips', { filters: { id: [ME] } }), 400, '"id" of "trips"', 'an array', 'op.in'],
  ['an object as a filter', (db) => db.select('trips', { filters: { title: { gt: 'a' } } }), 400, '"title"', 'an object', 'op.gte'],
  ['null in a list', (db) => db.select('trips', { filters: { id: op.in([null]) } }), 400, '"id"', 'null', 'op.is(null)'],
  ['text instead of a list', () => op.in(any('a,b')), 400, 'op.in', 'of type string', 'an array'],
  ['null in a comparison', () => op.gt(null), 400, 'op.gt', 'null', 'op.is(null)'],
  ['a number as a pattern', () => op.ilike(any(5)), 400, 'op.ilike', 'of type number', 'a string'],
  ['a regular expression that is none', (db) => db.select('trips', { filters: { title: op.match('(') } }), 400, 'the value of column "title" of "trips"', 'not a valid regular expression'],
  ['a limit below zero', (db) => db.select('trips', { limit: -1 }), 400, "'limit'", 'was -1', 'at least 0'],
  ['a limit as text', (db) => db.select('trips', { limit: any('10') }), 400, "'limit'", 'of type string', 'whole number'],
  ['an offset that is no number', (db) => db.select('trips', { offset: Number.NaN }), 400, "'offset'", 'was NaN', 'whole number'],
  ['a position without a column', (db) => db.select('trips', { orderBy: 'id', after: {} }), 400, "'after'", 'no "id"', 'each column'],
  ['a position that is text', (db) => db.select('trips', { orderBy: 'id', after: any('abc') }), 400, "'after'", 'must be an object'],
  ['a position of another type', (db) => db.select('trips', { orderBy: 'id', after: { id: 'x' } }), 400, '"id" of "trips"', 'UUID'],
  ['a vector of another dimension', (db) => db.vectorSearch('trips', { vector: [1, 2] }), 400, 'It has 2', '3 dimensions'],
  ['NaN in a vector', (db) => db.vectorSearch('trips', { vector: [1, 2, Number.NaN] }), 400, 'Dimension 3', 'finite numbers'],
  ['a vector that is text', (db) => db.vectorSearch('trips', { vector: any(5) }), 400, "'vector'", 'array of numbers'],
  ['several vectors that are one', (db) => db.vectorSearch('trips', { vectors: any([1, 2, 3]) }), 400, "'vectors[0]'", 'array of numbers'],
  ['no vectors', (db) => db.vectorSearch('trips', { vectors: [] }), 400, "'vectors'", '1 to 100'],
  ['too many vectors', (db) => db.vectorSearch('trips', { vectors: Array.from({ length: 101 }, () => [1, 2, 3]) }), 400, "'vectors'", '1 to 100'],
  ['vectors as text', (db) => db.vectorSearch('trips', { vectors: any('[1,2,3]') }), 400, "'vectors'", '1 to 100'],
  ['one of several vectors with another dimension', (db) => db.vectorSearch('trips', { vectors: [[1, 2, 3], [1, 2]] }), 400, "'vectors[1]'", 'It has 2', '3 dimensions'],
  ['near an id that is none', (db) => db.vectorSearch('trips', { near: { id: 'seven' } }), 400, '"id" of "trips"', 'other text', 'UUID'],
  ['near a row that is not there', (db) => db.vectorSearch('trips', { near: { id: ME } }), 404, "'near'", 'no row of "trips"', 'may see'],
  ['a threshold of NaN', (db) => db.vectorSearch('trips', { vector: [1, 2, 3], similarityThreshold: Number.NaN }), 400, "'similarityThreshold'", 'finite'],
  ['a text to search for that is a number', (db) => db.hybridSearch('trips', { text: any(5), textColumn: 'title', vector: [1, 2, 3] }), 400, "'text'", 'of type number', 'a string'],
  ['a weight below zero', (db) => db.hybridSearch('trips', { text: 'a', textColumn: 'title', vector: [1, 2, 3], weights: { text: -1 } }), 400, "'weights.text'", '0, or a number'],
  ['no weight at all', (db) => db.hybridSearch('trips', { text: 'a', textColumn: 'title', vector: [1, 2, 3], weights: { text: 0, vector: 0 } }), 400, "'weights'", 'both'],
  ['more rows than are fused', (db) => db.hybridSearch('trips', { text: 'a', textColumn: 'title', vector: [1, 2, 3], limit: 20, candidates: 10 }), 400, "'limit' is 20", "'candidates'", '10'],
  ['a refusal of a function', (db) => db.rpc('refuse'), 400, 'not on Sundays'],
  ['an argument of another type', (db) => db.rpc('add', { a: 'x', b: 1 }), 400, 'argument "a" of "add"', 'other text', 'whole number'],
  ['a value of raw SQL', (db) => db.sql`select ${'x'}::int`, 400, 'not a valid integer'],
  ['a division by a zero that was sent', (db) => db.sql`select 1 / ${0}::int`, 400, 'division by zero'],
  ['a row of somebody else', (db) => db.insert('trips', { title: 'b', owner: '00000000-0000-4000-8000-000000000001' }), 403, 'Row level security', '"trips"'],
  ['a table without a grant', (db) => db.select('hidden'), 403, 'permission denied for table hidden'],
  ['a function without a grant', (db) => db.rpc('forbidden_fn'), 403, 'permission denied for function forbidden_fn'],
  ['no token', (_db, all) => all.withToken(any(undefined)), 401, 'token', 'must be a string'],
  ['a token that is none', (_db, all) => all.withToken('abc').select('trips'), 401, 'token'],
  ['claims with an expiry that is text', () => user({ sub: ME, exp: any('soon') }), 400, "'exp'", 'number of seconds'],
  ['claims that are no JSON', () => user({ sub: ME, at: any(new Date()) }), 400, 'user()', 'JSON'],
  ['a payload that is too long', (db) => db.notify('c', 'x'.repeat(8_000)), 400, 'payload', '7999 bytes'],
];

/** Whoever wrote the call has to act: an alert must see it. */
// biome-ignore format: one mistake a line
export const OF_THE_CODE: readonly Mistake[] = [
  ['undefined as a filter', (db) => db.select('trips', { filters: { id: undefined } }), 500, '"id" of "trips"', 'undefined', 'null for IS NULL'],
  ['undefined in a comparison', () => op.eq(undefined), 500, 'op.eq', 'undefined'],
  ['a table that does not exist', (db) => db.select('tripz'), 500, '"tripz"', 'schema "public"', 'Did you mean "trips"'],
  ['a column that does not exist', (db) => db.select('trips', { columns: ['titel'] }), 500, '"trips"', '"titel"', 'Did you mean "title"'],
  ['a column of a filter that does not exist', (db) => db.select('trips', { filters: { titel: 'x' } }), 500, '"titel"', 'Did you mean "title"'],
  ['a column of a row that does not exist', (db) => db.insert('trips', { titel: 'x' }), 500, '"titel"', 'Did you mean "title"'],
  ['a column of the order that does not exist', (db) => db.select('trips', { orderBy: 'titel' }), 500, '"titel"', 'Did you mean "title"'],
  ['a function that does not exist', (db) => db.rpc('ad', { a: 1, b: 2 }), 500, '"ad"', 'Did you mean "add"'],
  ['arguments that the function does not have', (db) => db.rpc('add', { a: 1, c: 2 }), 500, '"add"', '"c"', 'add(a integer, b integer)'],
  ['an option that does not exist', (db) => db.select('trips', any({ filter: {} })), 500, 'select', '"filter"', 'Did you mean "filters"'],
  ['an update without filters', (db) => db.update('trips', { seats: 1 }, any({})), 500, 'update', "'filters'", 'all: true', '"trips"'],
  ['a delete with empty filters', (db) => db.delete('trips', { filters: {} }), 500, 'delete', "'filters'", 'all: true'],
  ['filters and all', (db) => db.delete('trips', any({ ...one, all: true })), 500, 'delete', "'filters'", 'not both'],
  ['filters that are text', (db) => db.select('trips', { filters: any('id = 1') }), 500, 'Filters', 'Found string', 'object by column name'],
  ['an operator without a column', (db) => db.select('trips', { filters: any(op.eq(1)) }), 500, 'Filters', 'operator without a column'],
  ['a function as a filter', (db) => db.select('trips', { filters: { id: any(() => 1) } }), 500, '"id"', 'function'],
  ['an operator that does not fit', (db) => db.select('trips', { filters: { seats: op.like('1') } }), 500, 'op.like', 'integer', 'text'],
  ['json compared', (db) => db.select('trips', { filters: { raw: 'x' } }), 500, '"raw"', 'json', 'jsonb'],
  ['or of nothing', () => op.or(), 500, 'op.or', 'at least one'],
  ['not of a value', () => op.not(any(5)), 500, 'op.not', 'operator or a condition'],
  ['a path without steps', () => path('meta'), 500, 'path("meta")', 'at least one step'],
  ['a path in no json', (db) => db.select('trips', { filters: [path('title', 'a').where('b')] }), 500, '"title"', 'text', 'json and jsonb'],
  ['columns as text', (db) => db.select('trips', { columns: any('id') }), 500, "'columns'", 'an array'],
  ['a column twice', (db) => db.select('trips', { columns: ['id', 'id'] }), 500, "'columns'", '"id" twice'],
  ['a direction that does not exist', (db) => db.select('trips', { orderBy: any({ column: 'id', direction: 'up' }) }), 500, "'orderBy'", "'asc' | 'desc'"],
  ['a page without an order', (db) => db.select('trips', { after: { id: ME } }), 500, "'after'", "'orderBy'"],
  ['an order that is not unique', (db) => db.select('trips', { orderBy: 'seats', after: { seats: 1 } }), 500, '"trips"', 'unique', 'Add "id"'],
  ['a count of another kind', (db) => db.select('trips', { count: any('rough') }), 500, "'count'", '"rough"', 'exact, planned, estimated'],
  ['a planned count under policies', (db) => db.count('trips', { method: 'planned' }), 500, 'planned', 'row level security', 'exact'],
  ['several rows for one', (db) => db.selectOne('stops', { filters: { n: 1 } }), 500, '"stops"', 'More than one row', 'unique column'],
  ['a generated column', (db) => db.insert('trips', { title: 'a', doubled: 2 }), 500, '"doubled"', 'generated'],
  ['a materialized view', (_db, all) => all.as(service()).insert('stop_count', { n: 1 }), 500, '"stop_count"', 'materialized view', 'refreshed'],
  ['an operator as a value', (db) => db.update('trips', { seats: op.gt(1) }, one), 500, '"seats"', 'operators', 'for filters'],
  ['a promise as a value', (db) => db.insert('trips', { title: Promise.resolve('a') }), 500, '"title"', 'a Promise', 'text'],
  ['a row that is text', (db) => db.insert('trips', any('a')), 500, 'must be a plain object'],
  ['expect as text', (db) => db.delete('trips', { ...one, expect: any('1') }), 500, "'expect'", 'of type string', 'whole number'],
  ['returning as text', (db) => db.delete('trips', { ...one, returning: any('id') }), 500, "'returning'", 'true, false'],
  ['unchanged without filters', (db) => db.update('trips', { seats: 1 }, any({ all: true, unchanged: { version: 1 } })), 500, "'unchanged'", "'filters'"],
  ['a key that is not unique', (db) => db.upsert('trips', { id: ME, title: 'a' }, { onConflict: 'seats' }), 500, "'onConflict'", 'unique key of "trips"', '[id]'],
  ['a search without vectors', (db) => db.vectorSearch('stops', { vector: [1] }), 500, '"stops"', 'no vector'],
  ['a metric that does not exist', (db) => db.vectorSearch('trips', { vector: [1, 2, 3], metric: any('l3') }), 500, "'metric'", '"l3"', 'cosine, l2'],
  ['a recall that does not exist', (db) => db.vectorSearch('trips', { vector: [1, 2, 3], recall: any('all') }), 500, "'recall'", '"all"', 'fast, balanced, exact'],
  ['a recall that is not exact', (db) => db.vectorSearch('trips', { vector: [1, 2, 3], recall: 'fast', exact: true }), 500, "'exact'", "'recall'", 'fast'],
  ['info as text', (db) => db.vectorSearch('trips', { vector: [1, 2, 3], info: any('yes') }), 500, "'info'", 'of type string', 'true or false'],
  ['a search for nothing', (db) => db.vectorSearch('trips', any({})), 500, "'vector', 'near' and 'vectors'", 'exactly one'],
  ['a search for two things', (db) => db.vectorSearch('trips', any({ vector: [1, 2, 3], near: { id: ME } })), 500, "'vector', 'near' and 'vectors'", 'exactly one'],
  ['near no row', (db) => db.vectorSearch('trips', { near: {} }), 500, "'near'", 'unique key of "trips"', '{ id }'],
  ['near rows by a column that is not unique', (db) => db.vectorSearch('trips', { near: { seats: 1 } }), 500, "'near'", 'unique key of "trips"', '{ title }'],
  ['near a row without an id', (db) => db.vectorSearch('trips', { near: { id: undefined } }), 500, "'near'"],
  ['near a row that is null', (db) => db.vectorSearch('trips', { near: { id: null } }), 500, "'near'", 'unique key'],
  ['near an id without its name', (db) => db.vectorSearch('trips', { near: any(ME) }), 500, "'near'"],
  ['near rows by an operator', (db) => db.vectorSearch('trips', { near: { id: any(op.gt(ME)) } }), 500, "'near'"],
  ['near a row of a table without a key', (db) => db.vectorSearch('unkeyed', { near: { title: 'a' } }), 500, "'near'", 'unique key of "unkeyed"'],
  ['one of several vectors missing', (db) => db.vectorSearch('trips', { vectors: [[1, 2, 3], any(undefined)] }), 500, "'vectors[1]'", 'array of numbers'],
  ['a search of a text without a column', (db) => db.hybridSearch('trips', { text: 'a', vector: [1, 2, 3] }), 500, '"trips"', 'no tsvector column', "'textColumn'", '"title", "code"'],
  ['a language that does not exist', (db) => db.hybridSearch('trips', { text: 'a', textColumn: 'title', vector: [1, 2, 3], language: any('en') }), 500, "'language'", '"en"', 'english, '],
  ['a language that the database does not have', (db) => db.hybridSearch('trips', { text: 'a', textColumn: 'title', vector: [1, 2, 3], language: 'public.ours' }), 500, 'text search configuration', 'pg_ts_config'],
  ['a search of two lists without a key', (db) => db.hybridSearch('unkeyed', { text: 'a', textColumn: 'title', vector: [1, 2, 3] }), 500, '"unkeyed"', 'primary key'],
  ['sql as a function', (db) => db.sql(any('select 1')), 500, 'sql', 'with text', 'sql`select …`'],
  ['an option of sql that does not exist', (db) => db.sql(any({ acces: 'read' })), 500, 'sql()', "'acces'", 'Known options'],
  ['a list of raw SQL', (db) => db.sql`select 1 where 1 in (${[1]})`, 500, 'Value 1', 'an array', '= any('],
  ['two statements', (db) => db.sql`select 1; select 2`, 500, 'more than one statement', 'batch'],
  ['no statement', (db) => db.sql`-- nothing`, 500, 'no statement'],
  ['a value in quotes', (db) => db.sql`select '${1}'`, 500, 'Value 1', 'in quotes'],
  ['BEGIN', (db) => db.sql`begin`, 500, 'BEGIN', 'transaction()'],
  ['SQL that is not understood', (db) => db.sql`selekt 1`, 500, 'syntax error', '"selekt"'],
  ['a table of raw SQL that does not exist', (db) => db.sql`select * from tripz`, 500, 'relation "tripz" does not exist'],
  ['a literal that does not fit', (db) => db.sql`select 'x'::int`, 500, 'not a valid integer'],
  ['a read that writes', (db) => db.sql({ access: 'read' })`insert into stops values (9)`, 500, 'A read tried to write', 'INSERT', 'volatile'],
  ['a fragment of text', () => fragment(any('select 1')), 500, 'fragment`…`', 'template'],
  ['a name that is empty', () => identifier(''), 500, 'identifier', 'at least one character'],
  ['a join of nothing', () => join([]), 500, 'join', 'at least one fragment'],
  ['an empty batch', (db) => db.batch([]), 500, 'batch()', 'db.build'],
  ['a batch of promises', (db) => db.batch([any(db.count('stops'))]), 500, 'db.build.insert'],
  ['a transaction of no function', (db) => db.transaction(any(5)), 500, 'transaction()', 'a function'],
  ['a transaction of a number', (db) => db.transaction(any(() => 5)), 500, 'transaction()', 'of type number', 'promise'],
  ['an isolation that does not exist', (db) => db.transaction(async () => {}, { isolation: any('snapshot') }), 500, "'isolation'", 'serializable'],
  [
    'the outer handle in a nested transaction',
    (db) =>
      db.transaction((tx) =>
        tx.transaction(async () => {
          await tx.count('stops');
        }),
      ),
    500,
    'nested transaction',
    'own handle',
  ],
  ['a cache that is a text', (db) => db.select('trips', { cache: any('yes') }), 500, "'cache'", 'of type string', 'true, false, or an object of ttlMs, swrMs, tags'],
  ['a cache that is null', (db) => db.count('trips', { cache: any(null) }), 500, "'cache'", 'was null', 'true, false'],
  ['an option of the cache that does not exist', (db) => db.select('trips', { cache: any({ ttl: 5 }) }), 500, "'cache'", '"ttl"', 'Did you mean "ttlMs"'],
  ['a time in the cache of 0', (db) => db.select('trips', { cache: { ttlMs: 0 } }), 500, "'cache.ttlMs'", 'was 0', 'from 1 to 86400000'],
  ['a time in the cache as text', (db) => db.selectOne('trips', { cache: any({ swrMs: '5' }) }), 500, "'cache.swrMs'", 'of type string', 'milliseconds'],
  ['a tag that is no list', (db) => db.select('trips', { cache: any({ tags: 'a' }) }), 500, "'cache.tags'", 'of type string', 'an array of at most 20 names'],
  ['a cache of what is never kept', (db) => db.select('sooner', { cache: any('yes') }), 500, "'cache'", 'of type string'],
  ['a cache inside a transaction', (db) => db.transaction((tx) => tx.select('trips', { cache: any(5) })), 500, "'cache'", 'of type number'],
  ['a cache of a write', (db) => db.insert('trips', { title: 'a' }, any({ cache: true })), 500, 'insert', '"cache"'],
  ['a cache of raw SQL', (db) => db.sql({ access: 'read', ...({ cache: true } as object) })`select 1`, 500, 'cache'],
  ['a cache of a batch', (db) => db.batch([db.build.count('trips')], any({ cache: true })), 500, 'batch', '"cache"'],
  ['a cache of what is built', (db) => db.build.count('trips', any({ cache: true })), 500, 'build', "'cache'", 'batch()'],
  ['a cache of a stream', (db) => db.stream('trips', any({ cache: true }))[Symbol.asyncIterator]().next(), 500, 'stream', '"cache"'],
  ['a cache of a function that may write', (db) => db.rpc('refuse', {}, { cache: true }), 500, "'cache'", 'for reads', 'stable function'],
  ['the same inside a transaction', (db) => db.transaction((tx) => tx.rpc('refuse', {}, { cache: true })), 500, "'cache'", 'for reads', 'stable function'],
  ['what is written as text', (db) => db.rpc('refuse', {}, { writes: any('trips') }), 500, "'writes'", 'of type string', 'an array of names of tables'],
  ['what raw SQL writes as an object', (db) => db.sql({ writes: any({ trips: true }) })`select 1`, 500, "'writes'", 'of type object', 'an array of names of tables'],
  ['an invalidation of nothing', (_db, all) => all.cache.invalidate(any({ table: ['trips'] })), 500, 'cache.invalidate()', '"table"', 'Did you mean "tables"'],
  ['an invalidation of a text', (_db, all) => all.cache.invalidate(any({ tables: 'trips' })), 500, "'tables'", 'of type string', 'an array of names'],
  ['an invalidation of no object', (_db, all) => all.cache.invalidate(any(undefined)), 500, 'cache.invalidate()', 'plain object'],
  ['a cache of what was not built', (db) => db.explainCache(any('trips')), 500, 'db.build'],
  ['a time limit of 0', (db) => db.select('trips', { timeoutMs: 0 }), 500, "'timeoutMs'", 'was 0'],
  ['a batch size of 0', (db) => db.stream('trips', { batchSize: 0 })[Symbol.asyncIterator]().next(), 500, "'batchSize'", 'was 0', '1 to'],
  ['an identity that is none', (_db, all) => all.as(any({ sub: ME })).select('trips'), 500, 'identity', 'user(claims)'],
  ['a listener as a user', (_db, all) => all.as(user({ sub: ME })).listen('c', () => {}), 500, 'service()'],
  ['a handler that is none', (_db, all) => all.as(service()).listen('c', any('f')), 500, 'listen()', 'function'],
  ['a channel that is too long', (db) => db.notify('c'.repeat(64), ''), 500, 'channel', '63 bytes'],
];

/** An operator has to act. Each is a service of its own, by its options and what is asked of it. */
type WrongSetUp = readonly [
  what: string,
  options: (database: TestDatabase) => unknown,
  call: (all: ConsolidatedDatabaseService) => unknown,
  ...says: readonly (string | RegExp)[],
];
export const me = user({ sub: ME });
const select = (all: ConsolidatedDatabaseService) => all.as(me).select('stops');

// biome-ignore format: one mistake a line
export const OF_THE_SET_UP: readonly WrongSetUp[] = [
  ['neither a URL nor embedded', () => ({}), select, 'direct', 'embedded'],
  ['a URL of another database', () => ({ direct: 'mysql://a@b/c' }), select, "'direct'", 'postgres://'],
  ['an option of the service that does not exist', () => ({ embedded: true, timeout: 5 }), select, "'timeout'", 'timeoutMs'],
  ['an option of another type', () => ({ embedded: true, timeoutMs: '5' }), select, "'timeoutMs'", '"5"', 'number'],
  ['a time of the cache below 1', () => ({ embedded: true, cache: { ttlMs: 0 } }), select, "'cache.ttlMs'", '0', '>=1'],
  ['an option of the cache of the service that does not exist', () => ({ embedded: true, cache: { ttl: 5 } }), select, "'cache.ttl'"],
  ['times of a table that do not exist', () => ({ embedded: true, cache: { tables: { trips: { ttl: 5 } } } }), select, "'cache.tables.trips.ttl'"],
  ['public tables that are no list', () => ({ embedded: true, cache: { public: 'trips' } }), select, "'cache.public'", '"trips"', 'array'],
  ['a function that reads a text', () => ({ embedded: true, cache: { functions: { add: { reads: 'trips' } } } }), select, "'cache.functions.add.reads'", '"trips"', 'array'],
  ['a cache of a few bytes', () => ({ embedded: true, cache: { maxBytes: 10 } }), select, "'cache.maxBytes'", '10', '1048576'],
  ['a shared login in production', ({ user: { direct } }) => ({ direct, production: true }), select, "'production'", "'service", 'cdb init'],
  ['a token without keys', ({ user: { direct } }) => ({ direct }), (all) => all.withToken('a.b.c').select('stops'), 'withToken()', "'jwt'", "'secret'"],
  ['a schema that is not exposed', ({ user: { direct } }) => ({ direct }), (all) => all.as(me).schema('closed').select('things'), '"closed"', 'Exposed schemas: public', "'schemas'"],
  ['a schema without usage', ({ user: { direct } }) => ({ direct, schemas: ['public', 'closed'] }), (all) => all.as(me).schema('closed').select('things'), 'permission denied for schema closed', 'grant usage on schema'],
  ['a mode without a URL', ({ user: { direct } }) => ({ direct }), (all) => all.as(me).select('stops', { mode: 'session' }), "'session'", 'Configured modes: direct'],
  ['a transaction where there is none', ({ user: { transaction } }) => ({ transaction }), (all) => all.as(me).transaction(async () => {}), /transaction/, 'direct'],
  ['swapped URLs, for a user', ({ user: users, service: { direct } }) => ({ direct, service: users }), select, 'permission denied to set role "authenticated"', "'service'", 'may be swapped'],
  ['swapped URLs, for the service', ({ user: { direct }, service: { direct: other } }) => ({ direct: other, service: { direct } }), (all) => all.as(service()).select('stops'), 'permission denied to set role "service_role"', "'service'"],
  ['swapped URLs, in session mode', ({ service: { session } }) => ({ session }), select, 'permission denied to set role "authenticated"', 'may be swapped'],
  ['swapped URLs, in transaction mode', ({ service: { transaction } }) => ({ transaction }), select, 'permission denied to set role "authenticated"', 'may be swapped'],
  ['swapped URLs, in a write', ({ service: { transaction } }) => ({ transaction }), (all) => all.as(me).sql({ mode: 'transaction' })`delete from stops`, 'permission denied to set role "authenticated"', 'may be swapped'],
  ['swapped URLs, in a transaction', ({ service: { direct } }) => ({ direct }), (all) => all.as(me).transaction((tx) => tx.count('stops')), 'permission denied to set role "authenticated"', 'may be swapped'],
  ['a role that the database lacks', ({ user: { direct } }) => ({ direct, roles: ['nobody'] }), (all) => all.as(user({ sub: ME, role: 'nobody' })).select('stops'), 'role "nobody" does not exist', 'cdb doctor'],
];

/** The data is what the service cannot carry. */
// biome-ignore format: one mistake a line
export const OF_THE_DATA: readonly (readonly [string, DatabaseServiceOptions, Call, ...string[]])[] = [
  ['a bigint beyond 2^53', {}, (db) => db.select('big'), '"n"', 'digits', "largeNumbers: 'string'"],
  ['a bigint of raw SQL', {}, (db) => db.sql({ access: 'read' })`select n from big`, '"n"', 'digits', "largeNumbers: 'string'"],
  ['a bigint in a transaction', {}, (db) => db.transaction((tx) => tx.select('big')), '"n"', 'digits'],
  ['more rows than allowed', { maxRows: 1 }, (db) => db.select('stops'), 'more than 1 rows', "'maxRows'"],
  ['more bytes than allowed', { maxBytes: 2_000 }, (db) => db.sql({ access: 'read' })`select repeat('x', 5000) as x`, '2000 bytes', "'maxBytes'"],
];
