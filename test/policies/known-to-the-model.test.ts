import { expect, it } from 'vitest';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { COLUMNS, TABLES } from './model/rows.ts';
import { SUMMARY_COLUMNS } from './model/summaries.ts';

/** Filled in by the database, or of destinations, all columns of which everybody reads. */
const NOT_MODELLED = [
  ...TABLES.flatMap((table) => [`${table}.created_at`, `${table}.updated_at`]),
  ...['api_keys.id', 'search_history.id', 'search_history.searched_at'],
  ...['geoname_id', 'admin_code', 'feature_code', 'elevation_m', 'embedding', 'search'].map(
    (column) => `destinations.${column}`,
  ),
];

const FUNCTIONS = [
  'private.editable_trip_ids',
  'private.fellow_traveller_ids',
  'private.owned_trip_ids',
  'private.popular_searches',
  'private.remove_caller',
  'private.shared_trip_ids',
  'private.visibility_of_trip',
  'public.change_preferences',
  'public.clone_trip',
  'public.count_trips',
  'public.find_destinations',
  // Approximate, and of destinations alone.
  'public.match_destinations',
  'public.nearby_destinations',
  'public.popular_searches',
  'public.remove_user',
  'public.search_trips',
];

it('nobody but the owner may empty a table past its policies, refer to it or add triggers', async () => {
  await using database = await createEmbeddedDatabase({ migrated: true });
  const { rows } = await database.query(`
    select r.role, c.relname, p."right"
    from unnest('{anon,authenticated,service_role}'::text[]) r (role),
      unnest('{truncate,references,trigger}'::text[]) p ("right"),
      pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
      and has_table_privilege(r.role, c.oid, p."right")`);
  expect(rows).toEqual([]);
});

it('the model and docs/who-may-do-what.md know each column and function that a user has a right on', async () => {
  await using database = await createEmbeddedDatabase({ migrated: true });
  const columns = await database.query<{ name: string }>(`
    select c.relname || '.' || a.attname as name
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and (has_any_column_privilege('anon', c.oid, 'select, insert, update, references')
        or has_any_column_privilege('authenticated', c.oid, 'select, insert, update, references'))`);
  const known = new Set([
    ...TABLES.flatMap((table) => COLUMNS[table].map((column) => `${table}.${column}`)),
    ...SUMMARY_COLUMNS.map((column) => `trip_summaries.${column}`),
    ...NOT_MODELLED,
  ]);
  expect(columns.rows.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  const functions = await database.query<{ name: string }>(`
    select distinct p.pronamespace::regnamespace || '.' || p.proname as name
    from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and (has_function_privilege('anon', p.oid, 'execute') or has_function_privilege('authenticated', p.oid, 'execute'))
    order by 1`);
  expect(functions.rows.map(({ name }) => name)).toEqual(FUNCTIONS);
});
