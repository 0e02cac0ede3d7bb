import { describe, expect, it } from 'vitest';
import { ownSchemaVersions } from '../../src/consolidated/own-schema/own-schema.ts';
import { examine } from '../../src/ops/doctor.ts';
import { installOwnSchema } from '../../src/ops/install-own-schema.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { openEmbeddedAdmin } from './embedded-admin.ts';
import { openAdmin, openOwnedDatabase } from './full-stack-admin.ts';

const VERSIONS = [
  '0001_idempotency',
  '0002_changes',
  '0003_audit',
  '0004_temporary_policies',
  '0005_rollout',
];
const NEWEST = VERSIONS.length;
const ROLES = ['anon', 'authenticated', 'service_role'];

describeFullStack('installOwnSchema', () => {
  it('creates the schema as an owner who is no superuser, and does nothing the second time', async () => {
    await using owned = await openOwnedDatabase();
    expect(await installOwnSchema(owned.owner)).toEqual({ version: NEWEST, installed: VERSIONS });
    expect(await installOwnSchema(owned.owner)).toEqual({ version: NEWEST, installed: [] });
    expect(await owned.owner.query('select version, name from cdb.schema_versions order by 1')).toEqual(
      VERSIONS.map((name, i) => ({ version: i + 1, name })),
    );
  });

  it('brings an older version up to date, and keeps what is in it', async () => {
    await using owned = await openOwnedDatabase();
    const [first] = await ownSchemaVersions();
    await owned.owner.script(first?.script ?? '');
    await owned.owner.script(`insert into cdb.idempotency_keys (id, role, subject, fingerprint, shape, claimed_in, expires_at)
      values ('k', 'authenticated', 'me', 'f', 's', pg_current_xact_id(), now() + interval '1 day')`);
    expect(await installOwnSchema(owned.owner)).toEqual({ version: NEWEST, installed: VERSIONS.slice(1) });
    expect(await owned.owner.query('select subject from cdb.idempotency_keys')).toEqual([{ subject: 'me' }]);
    await owned.owner.script(`create table notes (id int); select cdb.watch_table('notes')`);
  });

  it('may be run twice at the same time', async () => {
    await using owned = await openOwnedDatabase();
    const other = await openAdmin(owned.database.ownerUrl);
    const runs = await Promise.all([installOwnSchema(owned.owner), installOwnSchema(other)]);
    await other.close();
    expect(runs.map(({ installed }) => installed.length).sort()).toEqual([0, NEWEST]);
  });

  it('leaves nothing behind of a version that fails', async () => {
    await using owned = await openOwnedDatabase();
    await owned.owner.script('create schema cdb; create table cdb.idempotency_keys (id int)');
    await expect(installOwnSchema(owned.owner)).rejects.toMatchObject({ sqlState: '42P06' });
    await owned.owner.script('drop schema cdb cascade');
    await installOwnSchema(owned.owner);
    await owned.owner.script('delete from cdb.schema_versions');
    await expect(installOwnSchema(owned.owner)).rejects.toMatchObject({ sqlState: '42P07' });
    expect(await owned.owner.query('select from cdb.schema_versions')).toEqual([]);
  });

  it('says what a login without the right to create it needs', async () => {
    await using owned = await openOwnedDatabase();
    const service = await openAdmin(owned.database.service.direct);
    await expect(installOwnSchema(service)).rejects.toMatchObject({
      code: 'INIT_NOT_ALLOWED',
      hint: expect.stringContaining('grant create on database'),
    });
    await service.close();
  });

  it('gives callers the functions that they need, and no table', async () => {
    await using owned = await openOwnedDatabase();
    await installOwnSchema(owned.owner);
    const functions = await owned.owner.query(
      `select r.rolname::text as role, p.proname::text as name, p.prosecdef as definer
       from pg_proc p cross join pg_roles r
       where p.pronamespace = 'cdb'::regnamespace and r.rolname in ('anon', 'authenticated', 'service_role')
         and has_function_privilege(r.oid, p.oid, 'execute') order by 1, 2`,
    );
    const keys = ['claim_key', 'keep_result', 'kept_result'];
    const flags = ['reset_rollout', 'rollout_flag', 'set_rollout', 'trip_rollout'];
    expect(functions).toEqual([
      ...keys.map((name) => ({ role: 'authenticated', name, definer: true })),
      ...[...keys, ...flags].map((name) => ({ role: 'service_role', name, definer: true })),
    ]);
    const everyFunctionIsPinned = await owned.owner.query(
      `select proname from pg_proc where pronamespace = 'cdb'::regnamespace
       and 'search_path=""' <> all (coalesce(proconfig, '{}'))`,
    );
    expect(everyFunctionIsPinned).toEqual([]);
    const tables = await owned.owner.query(
      `select c.relname, r.rolname from pg_class c cross join pg_roles r
       where c.relnamespace = 'cdb'::regnamespace and c.relkind = 'r' and r.rolname = any ($1)
         and (has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate')
           or not c.relrowsecurity)`,
      [ROLES],
    );
    expect(tables).toEqual([]);
  });
});

describeFullStack("doctor's look at the schema cdb", () => {
  const found = async (urls: { readonly direct: string }) =>
    (await examine({ user: urls })).filter(({ check }) => check === 'schema cdb');

  it('says where it is missing, too old, of somebody else, or right', async () => {
    await using owned = await openOwnedDatabase();
    const { direct } = owned.database.user;
    const advice = expect.stringContaining("'cdb init'");
    expect(await found({ direct })).toMatchObject([{ level: 'warning', where: 'database', advice }]);
    await installOwnSchema(owned.owner);
    expect(await found({ direct })).toMatchObject([{ level: 'ok', message: `Version ${NEWEST}` }]);
    await owned.owner.script("comment on schema cdb is 'consolidated-db, version 1'");
    expect(await found({ direct })).toMatchObject([
      { level: 'warning', advice, message: `Version 1 is installed. This package needs version ${NEWEST}` },
    ]);
    await owned.owner.script('comment on schema cdb is null');
    expect(await found({ direct })).toMatchObject([{ level: 'error' }]);
  });
});

describe('installOwnSchema', () => {
  it('works on an embedded database too', async () => {
    await using admin = await openEmbeddedAdmin();
    expect(await installOwnSchema(admin)).toEqual({ version: NEWEST, installed: VERSIONS });
    expect((await installOwnSchema(admin)).installed).toEqual([]);
  });
});
