/** A table whose own names are as hostile as its values may be. */
export const HOSTILE_SQL = `
  create type mood as enum ('sad', 'o''k', 'x"; drop table hostile; --');
  create type pair as (first text, "second ""one""" text);
  create table hostile (
    id int primary key,
    t text,
    v varchar,
    ts text[],
    j json,
    jb jsonb,
    m mood,
    p pair,
    n numeric,
    at timestamptz,
    b bytea,
    r int4range,
    tv tsvector,
    e extensions.vector(3),
    "a ""quoted"" column; --" text,
    "$1" text,
    unique (t)
  );
  create table empty_one (id int);
  create function echo(said text) returns text language sql immutable return said;
  create function echo_json(said jsonb) returns jsonb language sql immutable return said;
  create function echo_all(said text[]) returns text[] language sql immutable return said;
  create function "odd "" name"("odd "" argument" text) returns text language sql immutable return "odd "" argument";
  create function keep(wanted int, said text) returns void language sql volatile as 'insert into hostile (id, t) values (wanted, said)';
`;
