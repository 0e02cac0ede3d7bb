import { file_fdw } from '@electric-sql/pglite/contrib/file_fdw';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Declarations } from '../../src/consolidated/cache/declarations.ts';
import {
  claimsRead,
  functionDependencies,
  readDependencies,
  touchedBy,
} from '../../src/consolidated/cache/dependencies.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { openAdmin } from '../ops/full-stack-admin.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { catalogOf, DEPENDENCY_SCHEMA, FOREIGN_SCHEMA } from './dependency-schema.ts';
import { plannedRelations } from './planned-relations.ts';

const ROLES = ['anon', 'authenticated', 'service_role'];
const CDB = `
  create schema if not exists cdb;
  create or replace function cdb.tell() returns trigger language plpgsql as 'begin return null; end';
`;

describe('on an embedded database', () => {
  let database: DisposableAdmin;
  let catalog: Catalog;
  beforeAll(async () => {
    database = await openEmbeddedAdmin({ extensions: { file_fdw } });
    await database.script(`
      create role app_owner; create role app_login;
      do $$ begin execute format('grant create on database %I to app_owner', current_database()); end $$;
      grant usage on schema auth, extensions to app_owner;
      ${CDB}
      grant usage on schema cdb to app_owner;
      set role app_owner; ${DEPENDENCY_SCHEMA}
      reset role; ${FOREIGN_SCHEMA}
      grant usage on schema app, inside to ${ROLES};
      grant select on all tables in schema app, inside to ${ROLES};
      set app.tenant = '';
      set role app_login;
    `);
    catalog = await catalogOf(database, ['app'], ROLES);
  });
  afterAll(() => database.close());
  dependencies(() => catalog);

  it('knows all that the server plans to read', async () => {
    let compared = 0;
    for (const { name } of catalog.relations('app')) {
      for (const role of ROLES) {
        const found = readDependencies(catalog, `app.${name}`, role, NOTHING);
        const known = 'refusal' in found ? found.besides?.tables : found.tables;
        if (known === undefined) continue;
        const planned = await plannedRelations(database, catalog, `app.${name}`, role);
        expect([name, role, planned.filter((table) => !known.includes(table))]).toEqual([name, role, []]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(200);
  });
});

describeFullStack('on a server', () => {
  let database: TestDatabase;
  let catalog: Catalog;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: CDB + DEPENDENCY_SCHEMA });
    const superuser = await openAdmin(database.adminUrl);
    await superuser.script(FOREIGN_SCHEMA);
    await superuser.close();
    const login = await openAdmin(database.user.direct);
    catalog = await catalogOf(login, ['app'], ROLES);
    await login.close();
  });
  afterAll(() => database.drop());
  dependencies(() => catalog);
});

const NOTHING: Declarations = new Map();

function dependencies(catalog: () => Catalog): void {
  const tables = (relation: string, role = 'authenticated', declared = NOTHING) => {
    const found = readDependencies(catalog(), `app.${relation}`, role, declared);
    return 'refusal' in found ? found.refusal : found.tables;
  };
  const reason = (relation: string, declared = NOTHING) => {
    const found = readDependencies(catalog(), `app.${relation}`, 'authenticated', declared);
    return 'refusal' in found ? found.refusal.reason : found.tables;
  };

  it.each([
    ['plain', ['app.plain']],
    ['once', ['app.plain']],
    ['twice', ['app.other', 'app.plain']],
    ['reaches_inside', ['inside.hidden']],
    ['kept', ['app.kept']],
    ['over_kept', ['app.kept']],
    ['formatted', ['app.other', 'app.plain']],
    ['nearest', ['app.plain']],
    ['text_as_number', ['app.plain']],
    ['aged_to', ['app.plain']],
    ['joined', ['app.other', 'app.plain']],
    ['nothing', []],
  ])('knows what is read through views: %s', (relation, expected) => {
    expect(readDependencies(catalog(), `app.${relation}`, 'authenticated', NOTHING)).toEqual({
      tables: expected,
      claims: 'none',
    });
  });

  it('knows what the policies of the role read, and the policies of what they read', () => {
    expect(readDependencies(catalog(), 'app.docs', 'authenticated', NOTHING)).toEqual({
      tables: ['app.blocked', 'app.docs', 'app.members', 'app.tenants'],
      claims: 'some',
    });
    expect(readDependencies(catalog(), 'app.docs', 'anon', NOTHING)).toEqual({
      tables: ['app.docs'],
      claims: 'none',
    });
    expect(readDependencies(catalog(), 'app.docs', 'service_role', NOTHING)).toEqual({
      tables: ['app.docs'],
      claims: 'none',
    });
    expect(tables('quiet')).toEqual(['app.quiet']);
  });

  it('knows as whom a view reads', () => {
    const ofMembers = ['app.blocked', 'app.docs', 'app.members', 'app.tenants'];
    expect(tables('docs_of_caller')).toEqual(ofMembers);
    expect(tables('docs_of_caller', 'anon')).toEqual(['app.docs']);
    expect(tables('docs_of_owner')).toEqual(['app.docs']);
    expect(tables('owner_over_caller')).toEqual(ofMembers);
    expect(tables('caller_over_owner')).toEqual(['app.docs']);
  });

  it('refuses functions that nobody declared, and says how to declare them', () => {
    expect(tables('guarded')).toEqual({
      reason: 'undeclared function',
      what: 'policy "of its members" of "app.guarded" calls inside.is_member(uuid)',
      hint: expect.stringContaining("{ 'inside.is_member': { reads: ["),
    });
    for (const view of ['over_immutable', 'over_operator', 'over_aggregate', 'over_changes']) {
      expect([view, reason(view)]).toEqual([view, 'undeclared function']);
    }
    const onlyWrites = new Map([['inside.is_member', { writes: [] }]]);
    expect(reason('guarded', onlyWrites)).toBe('undeclared function');
  });

  it('believes declarations, and follows what they name', () => {
    const declared = new Map([
      ['inside.is_member', { reads: ['app.members'] }],
      ['inside.changes', { reads: [] }],
    ]);
    // It runs as the owner, to whom the policies of members do not apply.
    expect(readDependencies(catalog(), 'app.guarded', 'anon', declared)).toEqual({
      tables: ['app.guarded', 'app.members'],
      claims: 'some',
    });
    expect(tables('over_changes', 'anon', declared)).toEqual(['app.other']);
    expect(reason('guarded', new Map([['inside.is_member', { reads: ['app.absent'] }]]))).toBe(
      'unknown relation',
    );
    expect(reason('guarded', new Map([['inside.is_member', { reads: [], writes: ['app.other'] }]]))).toBe(
      'volatile function',
    );
    expect(reason('of_record')).toBe('unknown function');
    expect(reason('of_record', new Map([['pg_catalog.jsonb_to_record', { reads: [] }]]))).toEqual([
      'app.plain',
    ]);
    expect(reason('now_called', new Map([['pg_catalog.now', { reads: [] }]]))).toBe('time');
  });

  it('looks into bodies of standard SQL, as whom they run', () => {
    expect(tables('over_body')).toEqual([
      ...['app.blocked', 'app.docs', 'app.members', 'app.other', 'app.tenants'],
    ]);
    expect(tables('over_definer')).toEqual(['app.docs', 'app.other']);
    expect(reason('over_default')).toBe('time');
  });

  it.each([
    ...['now_called', 'statement_time', 'clock_time', 'of_today', 'of_this_moment', 'aged'],
    ...['text_as_time', 'text_as_days'],
  ])('refuses what depends on the time: %s', (relation) => {
    const found = readDependencies(catalog(), `app.${relation}`, 'authenticated', NOTHING);
    expect(found).toEqual({
      refusal: { reason: 'time', what: expect.stringContaining(`view "app.${relation}" `), hint: undefined },
      besides: { tables: ['app.plain'], claims: 'none' },
    });
  });

  it.each([
    ['of_setting', 'setting'],
    ['of_any_setting', 'setting'],
    ['of_login', 'setting'],
    ['random_rows', 'volatile function'],
    ['sampled', 'volatile function'],
    ['of_catalog', 'system catalog'],
    ['of_information', 'system catalog'],
    ['of_sequence', 'unknown relation'],
    ['text_as_class', 'unknown expression'],
    ['of_locked', 'unknown expression'],
    ['far_away', 'foreign table'],
    ['over_far_away', 'foreign table'],
    ['near', 'foreign table'],
  ])('refuses what depends on more than tables: %s, a %s', (relation, expected) => {
    expect(reason(relation)).toBe(expected);
  });

  it('refuses what is not in the catalog', () => {
    expect(reason('absent')).toBe('unknown relation');
    expect(readDependencies(catalog(), 'app.docs', 'stranger', NOTHING)).toMatchObject({
      refusal: { reason: 'unknown role' },
    });
    expect(functionDependencies(catalog(), 'app.absent', NOTHING)).toMatchObject({
      refusal: { reason: 'unknown function' },
    });
  });

  it.each([
    ['plain', []],
    ['of_claims', 'all'],
    ['of_one_claim', ['sub']],
    ['of_tenant', ['sub', 'tenant']],
    ['of_tenants', ['app_metadata', 'email', 'tenant']],
    ['of_jwt', 'all'],
    ['of_others', 'all'],
    ['of_both', 'all'],
    ['of_role', ['role']],
    ['docs', ['sub']],
    ['guarded', 'all'],
  ] as const)('knows which claims are read, where it can be seen: %s', (relation, expected) => {
    expect(claimsRead(catalog(), `app.${relation}`, 'authenticated', NOTHING)).toEqual(expected);
    const found = readDependencies(catalog(), `app.${relation}`, 'authenticated', NOTHING);
    if (!('refusal' in found)) expect(found.claims).toBe(expected.length === 0 ? 'none' : 'some');
  });

  it('counts partitions and inheriting tables as the table at the top', () => {
    for (const name of ['events', 'events_first']) expect(tables(name)).toEqual(['app.events']);
    expect(tables('child')).toEqual(['app.base']);
    for (const name of ['left_side', 'right_side', 'of_both_sides']) {
      expect(tables(name)).toEqual(['app.left_side']);
      expect(touchedBy(catalog(), `app.${name}`, 'insert', NOTHING)).toEqual(['app.left_side']);
    }
  });

  it('knows what functions read that are called by name', () => {
    const declared = new Map([
      ['app.rpc', { reads: ['app.docs'] }],
      ['app.rpc_of_owner', { reads: ['app.docs'] }],
    ]);
    const ofMembers = ['app.blocked', 'app.docs', 'app.members', 'app.tenants'];
    const read = (fn: string, role?: string) => functionDependencies(catalog(), `app.${fn}`, declared, role);
    expect(read('rpc')).toEqual({ tables: ofMembers, claims: 'some' });
    expect(read('rpc', 'authenticated')).toEqual({ tables: ofMembers, claims: 'some' });
    expect(read('rpc', 'anon')).toEqual({ tables: ['app.docs'], claims: 'some' });
    expect(read('rpc_of_owner')).toEqual({ tables: ['app.docs'], claims: 'some' });
    expect(read('rpc_with_body')).toEqual({ tables: ofMembers, claims: 'some' });
    expect(read('rpc_that_adds')).toMatchObject({ refusal: { reason: 'volatile function' } });
    expect(functionDependencies(catalog(), 'app.rpc', NOTHING)).toMatchObject({
      refusal: { reason: 'undeclared function', what: 'app.rpc(uuid)' },
    });
  });

  it.each([
    ['a', 'insert', ['app.a']],
    ['a', 'delete', ['app.a', 'app.b', 'app.c']],
    ['a', 'update', ['app.a', 'inside.d']],
    ['a', 'upsert', ['app.a', 'inside.d']],
    ['b', 'update', ['app.b', 'app.c']],
    ['b', 'insert', ['app.b']],
    ['c', 'delete', ['app.c', 'inside.d']],
    ['e', 'delete', ['app.e']],
    ['over_a', 'delete', ['app.a', 'app.b', 'app.c']],
    ['over_over_a', 'update', ['app.a', 'inside.d']],
    ['tree', 'delete', ['app.tree']],
    ['x', 'delete', ['app.x', 'app.y']],
    ['y', 'delete', ['app.x', 'app.y']],
    ['event_notes', 'delete', ['app.event_notes', 'app.marks']],
    ['event_notes_2026', 'delete', ['app.event_notes', 'app.marks']],
    ['events_first', 'insert', ['app.events']],
    ['reaches_inside', 'insert', ['inside.hidden']],
    ['searched', 'update', ['app.searched']],
    ['told', 'insert', ['app.told']],
    ['switched_off', 'insert', ['app.switched_off']],
    ['triggered', 'update', ['app.triggered']],
    ['ruled', 'insert', ['app.ruled']],
  ] as const)('knows what a write touches: %s, %s', (relation, kind, expected) => {
    const touched = touchedBy(catalog(), `app.${relation}`, kind, NOTHING);
    expect(touched === 'everything' ? touched : [...touched].sort()).toEqual(expected);
  });

  it.each([
    ['triggered', 'insert'],
    ['triggered', 'upsert'],
    ['triggered', 'delete'],
    ['over_triggered', 'delete'],
    ['moving', 'update'],
    ['moving', 'delete'],
    ['ruled', 'delete'],
    ['instead', 'insert'],
    ['nothing', 'insert'],
    ['far_away', 'insert'],
    ['over_far_away', 'update'],
    ['near', 'insert'],
    ['absent', 'insert'],
  ] as const)('takes a write to touch everything where more may happen: %s, %s', (relation, kind) => {
    expect(touchedBy(catalog(), `app.${relation}`, kind, NOTHING)).toBe('everything');
  });

  it('believes what is declared of trigger functions', () => {
    const writes = (...names: string[]) => new Map([['inside.noted', { writes: names }]]);
    const touched = (relation: string, kind: 'insert' | 'delete', declared: Declarations) => {
      const found = touchedBy(catalog(), `app.${relation}`, kind, declared);
      return found === 'everything' ? found : [...found].sort();
    };
    expect(touched('triggered', 'insert', writes())).toEqual(['app.triggered']);
    expect(touched('triggered', 'insert', writes('app.a'))).toEqual([
      ...['app.a', 'app.b', 'app.c', 'app.triggered', 'inside.d'],
    ]);
    expect(touched('triggered', 'insert', writes('app.absent'))).toBe('everything');
    expect(touched('over_triggered', 'delete', writes())).toEqual([
      ...['app.of_triggered', 'app.over_triggered', 'app.triggered'],
    ]);
    expect(touched('instead', 'insert', writes('app.other'))).toEqual(['app.other']);
    expect(touched('triggered', 'insert', new Map([['inside.noted', { reads: [] }]]))).toBe('everything');
  });

  it('keeps what it found, and nothing of names that the catalog does not have', () => {
    const found = () => readDependencies(catalog(), 'app.docs', 'authenticated', NOTHING);
    expect(found()).toBe(found());
    const written = () => touchedBy(catalog(), 'app.a', 'delete', NOTHING);
    expect(written()).toBe(written());
    const absent = () => readDependencies(catalog(), 'app.absent', 'authenticated', NOTHING);
    expect(absent()).not.toBe(absent());
  });
}
