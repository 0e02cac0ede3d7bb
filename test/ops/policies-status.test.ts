import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/contract/clock.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import { openTemporarily } from '../../src/ops/open-temporarily.ts';
import { policyDifferences } from '../../src/ops/policies.ts';
import { writePoliciesMigration } from '../../src/ops/policies-migration.ts';
import { policyStatus } from '../../src/ops/policies-status.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { reopenedEmbeddedAdmin } from './embedded-admin.ts';
import { disposable, openOwnedDatabase } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';
import { addFiles, scratchFolder } from './scratch-folder.ts';

const clock = { ...systemClock, wallNow: () => Date.UTC(2027, 0, 2, 3, 4, 5) };
const TABLE = `alter table public.notes enable row level security;
create policy mine on public.notes for select to authenticated using (owner = (select auth.uid()));`;
const SQL = `${OWN_SCHEMA} create table notes (id int primary key, owner uuid, shared boolean);`;

async function folders() {
  const folder = await scratchFolder({
    'policies/notes.sql': TABLE,
    'migrations/20260101000000_one.sql': 'select 1;',
  });
  return { migrations: join(folder, 'migrations'), policies: join(folder, 'policies') };
}

const write = (at: { migrations: string; policies: string }, name: string) =>
  writePoliciesMigration({ ...at, name, clock, mayDrop: () => true });

function cases(open: () => Promise<AdminConnection & AsyncDisposable>): void {
  const shownOf = async (connection: AdminConnection, at: { migrations: string; policies: string }) =>
    (await policyStatus(connection, at)).policies.map(
      ({ policy, file, migration, database }) => `${policy ?? 'rls'}: ${file}, ${migration}, ${database}`,
    );

  it('follows a policy from its file over the migration into the database', async () => {
    await using connection = await open();
    const at = await folders();
    expect(await shownOf(connection, at)).toEqual([
      'rls: same, missing, different',
      'mine: same, missing, missing',
    ]);
    await write(at, 'first');
    expect(await shownOf(connection, at)).toEqual([
      'rls: same, same, different',
      'mine: same, same, missing',
    ]);
    await migrateUp(connection, at.migrations);
    expect(await shownOf(connection, at)).toEqual(['rls: same, same, same', 'mine: same, same, same']);
    await addFiles(at.policies, {
      'notes.sql': `${TABLE.replace('using (', 'using (shared or ')} create policy new on public.notes for insert to authenticated with check (false);`,
    });
    expect(await shownOf(connection, at)).toEqual([
      'rls: same, same, same',
      'mine: same, different, different',
      'new: same, missing, missing',
    ]);
    await write(at, 'second');
    await migrateUp(connection, at.migrations);
    expect((await policyStatus(connection, at)).policies.every(({ advice }) => advice === undefined)).toBe(
      true,
    );
  });

  it('finds what was changed by hand, and says what to do', async () => {
    await using connection = await open();
    const at = await folders();
    await write(at, 'first');
    await migrateUp(connection, at.migrations);
    await connection.script(`alter policy mine on notes using (true); create policy hand on notes for select to anon using (true);
      alter table notes no force row level security; alter table notes disable row level security`);
    expect((await policyStatus(connection, at)).policies).toEqual([
      {
        schema: 'public',
        table: 'notes',
        policy: undefined,
        file: 'same',
        migration: 'same',
        database: 'different',
        advice: expect.stringContaining('by hand'),
      },
      {
        schema: 'public',
        table: 'notes',
        policy: 'hand',
        file: 'missing',
        migration: 'missing',
        database: 'same',
        advice: expect.stringContaining('drop it'),
      },
      {
        schema: 'public',
        table: 'notes',
        policy: 'mine',
        file: 'same',
        migration: 'same',
        database: 'different',
        advice: expect.stringContaining('migrate up'),
      },
    ]);
    await connection.script('drop policy hand on notes; alter policy mine on notes using (owner is null)');
    expect((await shownOf(connection, at)).at(-1)).toBe('mine: same, same, different');
  });

  it('says where a block can no longer be applied', async () => {
    await using connection = await open();
    const at = await folders();
    await addFiles(at.policies, { 'notes.sql': TABLE.replace('using (', 'using (shared or ') });
    await write(at, 'first');
    await migrateUp(connection, at.migrations);
    await connection.script('alter table notes drop column shared cascade');
    await addFiles(at.policies, { 'notes.sql': TABLE });
    expect(await shownOf(connection, at)).toEqual([
      'rls: same, unreadable, same',
      'mine: same, unreadable, missing',
    ]);
  });

  it('shows what is open for a time, which is no difference', async () => {
    await using connection = await open();
    const at = await folders();
    await write(at, 'first');
    await migrateUp(connection, at.migrations);
    const opening = { role: 'authenticated', command: 'select', until: '30m', reason: 'Incident' };
    const { until } = await openTemporarily(connection, {
      ...opening,
      table: { schema: 'public', table: 'notes' },
    });
    const { policies, temporary } = await policyStatus(connection, at);
    expect(policies.every(({ advice }) => advice === undefined)).toBe(true);
    expect(temporary).toMatchObject([{ table: 'public.notes', role: 'authenticated', until }]);
    expect(await policyDifferences(connection, at.policies)).toEqual([]);
  });
}

describe('the status of policies, embedded', () => {
  const open = reopenedEmbeddedAdmin();
  cases(() => open(`drop schema if exists supabase_migrations cascade; ${SQL}`));
});

describeFullStack('the status of policies', () => {
  cases(async () => disposable(await openOwnedDatabase({ sql: SQL })));

  it('is that of this project, and decides the exit code', async () => {
    await using owned = await openOwnedDatabase({ migrated: true, sql: OWN_SCHEMA });
    const folder = await scratchFolder({});
    await cp('supabase', folder, { recursive: true });
    const status = (...args: readonly string[]) =>
      runCdb(['policies', 'status', '--dir', folder, ...args], { CDB_ADMIN_URL: owned.database.ownerUrl });
    expect(await status()).toMatchObject({ code: 0, stderr: '' });
    await addFiles(folder, {
      'policies/destinations.sql': 'alter table public.destinations enable row level security;',
    });
    await openTemporarily(owned.owner, {
      table: { schema: 'public', table: 'trips' },
      role: 'authenticated',
      command: 'select',
      until: '30m',
      reason: 'Incident',
    });
    const changed = await status();
    expect(changed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /public\.destinations\s+Everyone reads destinations\s+missing\s+same\s+same/,
      ),
    });
    expect(changed.stdout).toMatch(
      /open until \S+, for 30 more minutes: public\.trips, select of authenticated/,
    );
    expect(changed.stdout).toContain('cdb policies migration NAME');
    expect(JSON.parse((await status('--json')).stdout)).toMatchObject({
      temporary: [{ table: 'public.trips' }],
    });
  });
});
