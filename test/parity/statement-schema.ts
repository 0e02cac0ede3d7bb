/** The tables and functions that the statements of these tests are about; they have no policies. */
export const STATEMENT_SQL = `
  create type mood as enum ('sad', 'ok', 'happy');
  create table notes (
    id int primary key,
    slug text not null unique,
    body text,
    score numeric,
    mood mood,
    tags text[] not null default '{}',
    meta jsonb,
    created timestamptz not null default '2024-01-01 00:00:00+00',
    constraint short_slug check (length(slug) < 40)
  );
  create table comments (
    id int generated always as identity primary key,
    note_id int not null references notes on delete cascade,
    text text not null,
    unique (note_id, text)
  );
  create table later (note_id int references notes deferrable initially deferred);
  create table nothing ();
  insert into nothing default values;
  insert into nothing default values;
  create table wide (id int primary key, ${Array.from({ length: 199 }, (_, i) => `c${i} int`).join(', ')});
  insert into wide select i, ${Array.from({ length: 199 }, (_, i) => `i * ${i}`).join(', ')} from generate_series(1, 3) i;
  create table places (id int primary key, name text, at extensions.vector(3), half extensions.halfvec(3));
  insert into places values (1, 'north', '[1,0,0]', '[1,0,0]'), (2, 'east', '[0,1,0]', '[0,1,0]'),
    (3, 'north east', '[1,1,0]', '[1,1,0]'), (4, 'nowhere', null, null), (5, 'zero', '[0,0,0]', '[0,0,0]');
  create index on places using hnsw (at extensions.vector_cosine_ops);
  create table files (id int primary key, span int4range, exclude using gist (span with &&));
  create view recent as select id, slug from notes where id > 2 with check option;
  create table secrets (id int);
  revoke all on secrets from anon, authenticated, service_role;
  create table guarded (id int, owner uuid);
  alter table guarded enable row level security;
  create policy own on guarded to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
  insert into guarded values (1, '00000000-0000-4000-8000-000000000001'), (2, '00000000-0000-4000-8000-000000000002');

  create function add(a int, b int default 10) returns int language sql immutable return a + b;
  create function both_ways(a int) returns text language sql immutable return 'number ' || a;
  create function both_ways(b text) returns text language sql immutable return 'text ' || b;
  create function one_note(wanted int) returns notes language sql stable as 'select * from notes where id = wanted';
  create function all_notes() returns setof notes language sql stable as 'select * from notes order by id';
  create function numbers(upto int) returns setof bigint language sql immutable as 'select generate_series(1, upto)::bigint';
  create function pairs(upto int) returns table (n int, square numeric) language sql immutable
    as 'select i, (i * i)::numeric from generate_series(1, upto) i';
  create function out_two(out a int, out b text) language sql immutable as $$ select 1, 'x' $$;
  create function nulls() returns int language sql immutable as 'select null::int';
  create function a_json() returns jsonb language sql immutable as $$ select '{"a": [1, null]}'::jsonb $$;
  create function touch(wanted int) returns void language sql volatile as 'update notes set body = ''touched'' where id = wanted';
  create function add_note(wanted int, name text) returns notes language sql volatile
    as 'insert into notes (id, slug) values (wanted, name) returning *';
  create function sneaky() returns int language plpgsql stable as $$ begin delete from notes; return 1; end $$;
  create function complain(what text) returns int language plpgsql immutable as $$ begin raise exception '%', what using hint = 'be nice'; end $$;
  create function not_for_you() returns int language sql immutable return 1;
  revoke execute on function not_for_you() from public, anon, authenticated, service_role;
  create function sum_all(variadic list int[]) returns bigint language sql immutable as 'select sum(x) from unnest(list) x';
`;

/** The rows that every statement starts from. */
export const SEED = `
  delete from comments;
  delete from notes;
  alter sequence comments_id_seq restart;
  insert into notes (id, slug, body, score, mood, tags, meta) values
    (1, 'first', 'one', 1.50, 'sad', '{a,b}', '{"from": "Lisbon", "n": 1}'),
    (2, 'second', null, null, null, '{}', null),
    (3, 'third', 'three', 3, 'happy', '{b}', 'null'),
    (4, 'fourth', 'four', 3, 'ok', '{c,"d e"}', '[1, 2]'),
    (5, 'fifth', '', 'NaN', 'ok', '{}', '{"from": null}');
  insert into comments (note_id, text) values (1, 'nice'), (1, 'really'), (3, 'so so');
`;
