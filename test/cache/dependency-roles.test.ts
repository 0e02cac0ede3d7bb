import { beforeAll, describe, expect, it } from 'vitest';
import {
  claimsRead,
  functionDependencies,
  readDependencies,
  touchedBy,
} from '../../src/consolidated/cache/dependencies.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { catalogOf } from './dependency-schema.ts';

const ROLES = ['anon', 'authenticated', 'service_role'];

describe('which policies filter a read', () => {
  let catalog: Catalog;

  beforeAll(async () => {
    await using database = await openEmbeddedAdmin();
    await database.script(`
      create role app_owner; create role chief; create role staff; create role heir inherit; create role outsider noinherit;
      create role superior superuser; create role app_login;
      grant staff to chief; grant chief to heir; grant chief to outsider; grant app_owner to superior, heir;
      grant create on schema public to app_owner;
      set role app_owner;
      create table rows (id int primary key);
      create table read_by_staff (id int primary key);
      alter table rows enable row level security;
      create policy staff on rows for select to staff using (exists (select from read_by_staff));
      create table forced (like rows);
      alter table forced enable row level security;
      alter table forced force row level security;
      create policy everyone on forced using (exists (select from read_by_staff));
      create view rows_of_owner as select * from rows;
      create view forced_of_owner as select * from forced;
      create function decides() returns int stable language sql set role = staff return (select count(*) from rows);
      create table "a.b" (id int primary key);
      reset role;
      create schema "public.a"; create table "public.a".b (id int primary key);
      set role app_login;
    `);
    catalog = await catalogOf(
      database,
      ['public', 'public.a'],
      [...ROLES, 'chief', 'heir', 'outsider', 'superior', 'app_owner'],
    );
  });

  const NOTHING = new Map();
  const tables = (relation: string, role: string) =>
    readDependencies(catalog, `public.${relation}`, role, NOTHING);
  const all = { tables: ['public.read_by_staff', 'public.rows'], claims: 'none' };
  const rows = { tables: ['public.rows'], claims: 'none' };
  const forced = { tables: ['public.forced'], claims: 'none' };
  const forcedAll = { tables: ['public.forced', 'public.read_by_staff'], claims: 'none' };

  it('takes those of the roles whose rights a role has', () => {
    expect(tables('rows', 'chief')).toEqual(all);
    expect(tables('rows', 'outsider')).toEqual(rows);
    expect(tables('rows', 'anon')).toEqual(rows);
  });

  it('takes none for the owner, who has the rights of the owner, a superuser and who bypasses them', () => {
    for (const role of ['app_owner', 'heir', 'superior', 'service_role']) {
      expect([role, tables('rows', role)]).toEqual([role, rows]);
    }
    expect(tables('rows_of_owner', 'chief')).toEqual(rows);
  });

  it('takes those of the owner where they are forced, but for a superuser and who bypasses them', () => {
    for (const role of ['app_owner', 'heir', 'anon']) {
      expect([role, tables('forced', role)]).toEqual([role, forcedAll]);
    }
    for (const role of ['superior', 'service_role']) {
      expect([role, tables('forced', role)]).toEqual([role, forced]);
    }
    expect(tables('forced_of_owner', 'service_role')).toEqual(forcedAll);
  });

  it('takes all for a function that sets its role', () => {
    expect(functionDependencies(catalog, 'public.decides', NOTHING, 'anon')).toEqual(all);
  });

  it('answers nothing of a name that two relations have', () => {
    expect(tables('a.b', 'anon')).toMatchObject({ refusal: { reason: 'unknown relation' } });
    expect(touchedBy(catalog, 'public.a.b', 'insert', NOTHING)).toBe('everything');
    expect(claimsRead(catalog, 'public.a.b', 'anon', NOTHING)).toBe('all');
  });
});

describe('the schema of this project', () => {
  let catalog: Catalog;

  beforeAll(async () => {
    await using database = await openEmbeddedAdmin({ migrated: true });
    catalog = await catalogOf(database, ['public'], ROLES);
  });

  const declared = new Map([
    ['private.owned_trip_ids', { reads: ['public.trips'] }],
    ['private.shared_trip_ids', { reads: ['public.trip_collaborators'] }],
    ['private.fellow_traveller_ids', { reads: ['public.trips', 'public.trip_collaborators'] }],
    ['private.set_updated_at', { writes: [] }],
    ['private.tell_api_key_change', { writes: [] }],
    ['public.nearby_destinations', { reads: ['public.destinations'] }],
    ['public.count_trips', { reads: ['public.trips'] }],
  ]);
  const read = (relation: string, role = 'authenticated') =>
    readDependencies(catalog, `public.${relation}`, role, declared);
  const touched = (relation: string, kind: 'insert' | 'update' | 'delete') => {
    const found = touchedBy(catalog, `public.${relation}`, kind, declared);
    return found === 'everything' ? found : [...found].sort();
  };

  it('tells what its tables and its view depend on', () => {
    const shared = ['public.trip_collaborators', 'public.trips'];
    expect(read('trips')).toEqual({ tables: shared, claims: 'some' });
    expect(read('trips', 'anon')).toEqual({ tables: ['public.trips'], claims: 'none' });
    expect(read('trip_collaborators')).toEqual({ tables: shared, claims: 'some' });
    expect(read('profiles')).toEqual({ tables: ['public.profiles', ...shared], claims: 'some' });
    expect(read('destinations')).toEqual({ tables: ['public.destinations'], claims: 'none' });
    expect(read('api_keys')).toEqual({ tables: ['public.api_keys'], claims: 'some' });
    expect(read('trip_summaries')).toEqual({ tables: ['public.destinations', ...shared], claims: 'some' });
    expect(read('trip_summaries', 'service_role')).toEqual({
      tables: ['public.destinations', ...shared],
      claims: 'none',
    });
    expect(claimsRead(catalog, 'public.api_keys', 'authenticated', declared)).toEqual(['sub']);
  });

  it('tells what its functions depend on', () => {
    const of = (fn: string) => functionDependencies(catalog, `public.${fn}`, declared, 'authenticated');
    expect(of('nearby_destinations')).toEqual({ tables: ['public.destinations'], claims: 'some' });
    expect(of('count_trips')).toEqual({
      tables: ['public.trip_collaborators', 'public.trips'],
      claims: 'some',
    });
    expect(of('match_destinations')).toMatchObject({ refusal: { reason: 'undeclared function' } });
  });

  it('names the function that is to be declared', () => {
    expect(readDependencies(catalog, 'public.trips', 'authenticated', new Map())).toMatchObject({
      refusal: {
        reason: 'undeclared function',
        what: 'policy "Users read their own, shared and public trips" of "public.trips" calls private.shared_trip_ids()',
      },
    });
  });

  it('tells what writes touch', () => {
    expect(touched('profiles', 'delete')).toEqual([
      ...['public.api_keys', 'public.profiles', 'public.search_history'],
      ...['public.trip_collaborators', 'public.trips'],
    ]);
    expect(touched('destinations', 'delete')).toEqual(['public.destinations', 'public.trips']);
    expect(touched('trips', 'update')).toEqual(['public.trips']);
    expect(touchedBy(catalog, 'public.trips', 'update', new Map())).toBe('everything');
    expect(touchedBy(catalog, 'public.trips', 'insert', new Map())).toEqual(['public.trips']);
    expect(touchedBy(catalog, 'auth.users', 'delete', declared)).toContain('public.trips');
  });
});
