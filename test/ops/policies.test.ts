import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/contract/clock.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import { policyDifferences } from '../../src/ops/policies.ts';
import { writePoliciesMigration } from '../../src/ops/policies-migration.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { openEmbeddedAdmin } from './embedded-admin.ts';
import { disposable, openAdmin, openOwnedDatabase } from './full-stack-admin.ts';
import { addFiles, scratchFolder } from './scratch-folder.ts';

const clock = { ...systemClock, wallNow: () => Date.UTC(2027, 0, 2, 3, 4, 5) };

const mayDrop = () => true;

/** A copy of the project's own `supabase` folder. */
async function supabaseFolder(): Promise<{ readonly migrations: string; readonly policies: string }> {
  const folder = await scratchFolder({});
  const [migrations, policies] = [join(folder, 'migrations'), join(folder, 'policies')];
  await cp('supabase/migrations', migrations, { recursive: true });
  await cp('supabase/policies', policies, { recursive: true });
  return { migrations, policies };
}

describe('writePoliciesMigration', () => {
  it('has nothing to write while the migrations carry the policy files', async () => {
    const folders = await supabaseFolder();
    expect(await writePoliciesMigration({ ...folders, name: 'again', clock, mayDrop })).toEqual({
      path: undefined,
      carried: [],
      dropped: [],
      gone: [],
    });
  });

  it('carries the files that changed, once', async () => {
    const folders = await supabaseFolder();
    const file = await readFile(join(folders.policies, 'trips.sql'), 'utf8');
    await addFiles(folders.policies, {
      'trips.sql': file.replaceAll('Owners delete their trips', 'Owners may delete'),
    });
    const written = await writePoliciesMigration({ ...folders, name: 'rename_one', clock, mayDrop });
    expect(written).toEqual({
      path: join(folders.migrations, '20270102030405_rename_one.sql'),
      carried: ['trips.sql'],
      dropped: [{ table: 'public.trips', policy: 'Owners delete their trips' }],
      gone: [],
    });
    expect(await readFile(written.path ?? '', 'utf8')).toContain('Owners may delete');
    expect((await writePoliciesMigration({ ...folders, name: 'again', clock, mayDrop })).carried).toEqual([]);
  });

  it('writes nothing that would drop a policy unless it may', async () => {
    const folders = await supabaseFolder();
    const file = await readFile(join(folders.policies, 'trips.sql'), 'utf8');
    await addFiles(folders.migrations, {
      '20270101000000_by_hand.sql': 'create policy "By hand" on trips for select using (true);',
    });
    await addFiles(folders.policies, { 'trips.sql': `${file}-- more\n` });
    const asked: unknown[] = [];
    const refuse = (dropped: unknown) => {
      asked.push(dropped);
      return false;
    };
    const refused = await writePoliciesMigration({ ...folders, name: 'more', clock, mayDrop: refuse });
    const dropped = [{ table: 'public.trips', policy: 'By hand' }];
    expect(refused).toEqual({ path: undefined, carried: ['trips.sql'], dropped, gone: [] });
    expect(asked).toEqual([dropped]);
    expect(await readdir(folders.migrations)).toEqual(
      [...(await readdir('supabase/migrations')), '20270101000000_by_hand.sql'].sort(),
    );
    expect((await writePoliciesMigration({ ...folders, name: 'more', clock, mayDrop })).path).toContain(
      '_more.sql',
    );
  });

  it('asks nothing where every policy is created anew', async () => {
    const folders = await supabaseFolder();
    const file = await readFile(join(folders.policies, 'trips.sql'), 'utf8');
    await addFiles(folders.policies, { 'trips.sql': `${file}-- more\n` });
    const ask = () => expect.fail('it asked');
    expect(await writePoliciesMigration({ ...folders, name: 'more', clock, mayDrop: ask })).toMatchObject({
      dropped: [],
      carried: ['trips.sql'],
    });
  });

  it('carries a file again that was changed back', async () => {
    const folders = await supabaseFolder();
    const original = await readFile(join(folders.policies, 'trips.sql'), 'utf8');
    await addFiles(folders.policies, { 'trips.sql': `${original}-- more\n` });
    await writePoliciesMigration({ ...folders, name: 'there', clock, mayDrop });
    await addFiles(folders.policies, { 'trips.sql': original });
    const back = await writePoliciesMigration({ ...folders, name: 'and_back', clock, mayDrop });
    expect(back.path).toContain('20270102030406_and_back.sql');
  });

  it('tells of a file that is gone, and refuses names that are none', async () => {
    const folders = await supabaseFolder();
    const other = await scratchFolder({});
    expect(
      (await writePoliciesMigration({ ...folders, policies: other, name: 'x', clock, mayDrop })).gone,
    ).toContain('trips.sql');
    await expect(writePoliciesMigration({ ...folders, name: '../x', clock, mayDrop })).rejects.toMatchObject({
      code: 'POLICIES_MIGRATION_NAME',
    });
  });
});

function cases(open: () => Promise<AdminConnection & AsyncDisposable>): void {
  it('finds no difference between the migrations and the policy files of this project', async () => {
    await using connection = await open();
    await migrateUp(connection, 'supabase/migrations');
    expect(await policyDifferences(connection, 'supabase/policies')).toEqual([]);
  });

  it('finds what is missing, extra, different and switched off, and changes nothing', async () => {
    await using connection = await open();
    await migrateUp(connection, 'supabase/migrations');
    await connection.script(`
      drop policy "Owners delete their trips" on trips;
      create policy "By hand" on api_keys for select to anon using (false);
      alter policy "Users change their own profile" on profiles using (true);
      alter policy "Everyone reads destinations" on destinations to anon;
      alter table search_history disable row level security;
      create table notes (a int);
      create policy "Unfiled" on notes using (false);
    `);
    const found = [
      { kind: 'extra', schema: 'public', table: 'api_keys', policy: 'By hand' },
      { kind: 'different', schema: 'public', table: 'destinations', policy: 'Everyone reads destinations' },
      { kind: 'extra', schema: 'public', table: 'notes', policy: 'Unfiled' },
      { kind: 'different', schema: 'public', table: 'profiles', policy: 'Users change their own profile' },
      { kind: 'rls-off', schema: 'public', table: 'search_history', policy: undefined },
      { kind: 'missing', schema: 'public', table: 'trips', policy: 'Owners delete their trips' },
    ];
    expect(await policyDifferences(connection, 'supabase/policies')).toEqual(found);
    expect(await policyDifferences(connection, 'supabase/policies')).toEqual(found);
  });

  it('makes them equal again by the migration that it writes, policies of old names included', async () => {
    await using connection = await open();
    const folders = await supabaseFolder();
    await migrateUp(connection, folders.migrations);
    const file = await readFile(join(folders.policies, 'trips.sql'), 'utf8');
    await addFiles(folders.policies, {
      'trips.sql': file.replaceAll('Owners delete their trips', 'Owners may delete'),
    });
    expect((await policyDifferences(connection, folders.policies)).map((each) => each.kind)).toEqual([
      'extra',
      'missing',
    ]);
    await writePoliciesMigration({ ...folders, name: 'renamed', clock, mayDrop });
    expect(await migrateUp(connection, folders.migrations)).toHaveLength(1);
    expect(await policyDifferences(connection, folders.policies)).toEqual([]);
  });

  it('fails where a policy file cannot be applied, and takes everything back', async () => {
    await using connection = await open();
    await migrateUp(connection, 'supabase/migrations');
    const folder = await scratchFolder({
      'trips.sql': 'create policy p on public.trips using (no_such_column = 1);',
    });
    await expect(policyDifferences(connection, folder)).rejects.toMatchObject({ sqlState: '42703' });
    expect(await policyDifferences(connection, 'supabase/policies')).toEqual([]);
  });
}

describe('policyDifferences on the embedded database', () => {
  cases(() => openEmbeddedAdmin());
});

describeFullStack('policyDifferences on a server', () => {
  cases(async () => disposable(await openOwnedDatabase()));

  it('gives up where a table is busy instead of queueing everyone behind it', async () => {
    await using owned = await openOwnedDatabase({ migrated: true });
    const reader = await openAdmin(owned.database.ownerUrl);
    await reader.script('begin; select from trips');
    await expect(policyDifferences(owned.owner, 'supabase/policies')).rejects.toMatchObject({
      code: 'LOCK_NOT_AVAILABLE',
    });
    await reader.close();
  });
});
