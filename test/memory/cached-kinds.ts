import type { DatabaseHandle } from '../../src/index.ts';
import { SUBJECT } from './memory-database.ts';

export interface HeapReport {
  readonly entries: number;
  /** As the cache counts them. */
  readonly accountedBytes: number;
  readonly heapBytes: number;
}

interface Cached {
  readonly answers: number;
  /** Reads the n-th answer. */
  readonly read: (db: DatabaseHandle, n: number, cache: boolean) => Promise<unknown>;
}

/** Answers as applications cache them. */
export const KINDS = {
  'one row of five columns': {
    answers: 2_000,
    read: (db, n, cache) => db.select('cached_rows', { columns: FIVE, filters: { id: n }, cache }),
  },
  'a number': {
    answers: 2_000,
    read: (db, n, cache) => db.count('cached_rows', { filters: { id: n }, cache }),
  },
  'no row': {
    answers: 2_000,
    read: (db, n, cache) => db.select('cached_rows', { filters: { id: -1 - n }, cache }),
  },
  '100 rows of ten columns': {
    answers: 100,
    read: (db, n, cache) => db.select('cached_rows', { filters: { of: n }, cache }),
  },
  'long texts': {
    answers: 200,
    read: (db, n, cache) =>
      db.select('cached_texts', { columns: ['id', 'plain'], filters: { id: n }, cache }),
  },
  'long texts beyond Latin': {
    answers: 200,
    read: (db, n, cache) =>
      db.select('cached_texts', { columns: ['id', 'words'], filters: { id: n }, cache }),
  },
  'nested json': {
    answers: 1_000,
    read: (db, n, cache) => db.select('cached_documents', { filters: { id: n }, cache }),
  },
} as const satisfies Record<string, Cached>;

export type CachedKind = keyof typeof KINDS;

const FIVE = ['id', 'title', 'done', 'price', 'made'];

export const CACHED_SQL = `
  create table public.cached_rows (
    id int primary key, of int not null, title text not null, note text, done boolean not null, price numeric not null,
    made timestamptz not null, seen timestamptz, rating float8 not null, owner uuid not null default '${SUBJECT}'
  );
  create index on public.cached_rows (of);
  insert into public.cached_rows
    select i, i / 100, 'title of number ' || i, case when i % 3 = 0 then 'a note on ' || i end, i % 2 = 0, i / 100.0,
      timestamptz '2026-01-01 00:00Z' + i * interval '1 second', null, i / 3.0
    from generate_series(0, 9999) i;
  create table public.cached_texts (
    id int primary key, plain text not null, words text not null, owner uuid not null default '${SUBJECT}'
  );
  insert into public.cached_texts
    select i, repeat('many words ', 2000) || i, repeat('слова слова ', 2000) || i from generate_series(0, 199) i;
  create table public.cached_documents (
    id int primary key, body jsonb not null, owner uuid not null default '${SUBJECT}'
  );
  insert into public.cached_documents
    select i, jsonb_build_object('name', 'document ' || i, 'tags', jsonb_build_array('red', 'green', i),
      'author', jsonb_build_object('name', 'person ' || i, 'address', jsonb_build_object('city', 'town ' || i, 'zip', i)),
      'lines', (select jsonb_agg(jsonb_build_object('sku', 'article ' || n, 'count', n, 'price', n * 1.5)) from generate_series(1, 10) n))
    from generate_series(0, 999) i;
  ${['cached_rows', 'cached_texts', 'cached_documents']
    .map(
      (table) => `
        alter table public.${table} enable row level security;
        create policy own on public.${table} for select to authenticated using ((select auth.uid()) = owner);
        grant select on public.${table} to authenticated;`,
    )
    .join('')}
  analyze;
`;
