import { randomBytes } from 'node:crypto';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { initLogins } from '../../src/ops/init.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { openAdmin } from './full-stack-admin.ts';

function withLogin(url: string, user: string, password: string): string {
  const parsed = new URL(url);
  parsed.username = user;
  parsed.password = password;
  return parsed.href;
}

async function dropRoles(superuser: AdminConnection, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const [found] = await superuser.query('select from pg_roles where rolname = $1', [name]);
    if (found !== undefined) await superuser.script(`drop owned by ${name}; drop role ${name}`);
  }
}

describeFullStack('initLogins', () => {
  let database: TestDatabase;
  let owner: AdminConnection;
  let superuser: AdminConnection;
  let names: { readonly userLogin: string; readonly serviceLogin: string };

  beforeEach(async () => {
    const suffix = randomBytes(4).toString('hex');
    names = { userLogin: `cdb_u_${suffix}`, serviceLogin: `cdb_s_${suffix}` };
    database = await createTestDatabase({ migrated: true });
    owner = await openAdmin(database.ownerUrl);
    superuser = await openAdmin(database.adminUrl);
    // Roles belong to the whole server: they do not go with the database.
    onTestFinished(async () => {
      await dropRoles(superuser, Object.values(names));
      await owner.close();
      await superuser.close();
      await database.drop();
    });
  });

  it('creates two logins, as an owner who is no superuser', async () => {
    const logins = await initLogins(owner, names);
    expect(logins).toMatchObject([
      { name: names.userLogin, purpose: 'user', state: 'created', repairs: [], warnings: [] },
      { name: names.serviceLogin, purpose: 'service', state: 'created', repairs: [], warnings: [] },
    ]);
    expect(new Set(logins.map((login) => login.password)).size).toBe(2);
    for (const { password } of logins) expect(password).toMatch(/^[\w-]{43}$/);
  });

  it.each(['direct', 'session', 'transaction'] as const)(
    'makes a login that works in %s mode',
    async (mode) => {
      const [user, service] = await initLogins(owner, names);
      const asUser = await openAdmin(withLogin(database.user[mode], names.userLogin, user?.password ?? ''));
      const asService = await openAdmin(
        withLogin(database.service[mode], names.serviceLogin, service?.password ?? ''),
      );
      for (const role of ['anon', 'authenticated']) {
        await asUser.script(`begin; set local role ${role}; select from destinations; rollback`);
        await expect(asService.script(`set role ${role}`)).rejects.toMatchObject({ sqlState: '42501' });
      }
      await asService.script('begin; set local role service_role; select from trips; rollback');
      for (const refused of [
        'set role service_role',
        'select from trips',
        'select from auth.users',
        'create role more',
      ]) {
        await expect(asUser.script(refused)).rejects.toMatchObject({ sqlState: '42501' });
      }
      await asUser.close();
      await asService.close();
    },
  );

  it('keeps a login that is as it should be, and its password', async () => {
    const [user] = await initLogins(owner, names);
    expect(await initLogins(owner, names)).toMatchObject([
      { state: 'unchanged', password: undefined },
      { state: 'unchanged', password: undefined },
    ]);
    const again = await openAdmin(withLogin(database.user.direct, names.userLogin, user?.password ?? ''));
    await again.close();
  });

  it('gives a new password when told to, and the old one is refused', async () => {
    const [before] = await initLogins(owner, names);
    const [after] = await initLogins(owner, { ...names, rotate: true });
    expect(after).toMatchObject({ state: 'repaired', repairs: ['has a new password'] });
    await expect(
      openAdmin(withLogin(database.user.direct, names.userLogin, before?.password ?? '')),
    ).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    const again = await openAdmin(withLogin(database.user.direct, names.userLogin, after?.password ?? ''));
    await again.close();
  });

  it('takes back what a login should not have, and says what is not its to take', async () => {
    await initLogins(owner, names);
    await owner.script(`
      alter role ${names.userLogin} inherit createrole createdb;
      grant service_role to ${names.userLogin};
      grant anon to ${names.userLogin} with inherit true;
      revoke authenticated from ${names.userLogin};
      grant select on trips to ${names.userLogin};
    `);
    const [user, service] = await initLogins(owner, names);
    expect(user).toMatchObject({
      state: 'repaired',
      repairs: [
        'is now noinherit',
        'is now nocreaterole',
        'is now nocreatedb',
        'may no longer become service_role',
        'may become anon',
        'may become authenticated',
      ],
      warnings: ['itself owns or has grants on table trips; it should have only the rights of its roles'],
      password: undefined,
    });
    expect(service).toMatchObject({ state: 'unchanged' });
    expect(await initLogins(owner, names)).toMatchObject([{ state: 'unchanged' }, { state: 'unchanged' }]);
  });

  it('gives the right to connect where the database is closed to the public', async () => {
    await owner.script(`revoke connect on database ${database.name} from public`);
    const [user] = await initLogins(owner, names);
    const open = await openAdmin(withLogin(database.user.direct, names.userLogin, user?.password ?? ''));
    await open.close();
  });

  it('says what is missing when it may not do its work, and changes nothing', async () => {
    const weak = `cdb_w_${randomBytes(4).toString('hex')}`;
    await superuser.script(`create role ${weak} login createrole password 'weak-but-long-enough'`);
    // Before the logins' own clean-up, which runs last: a role that granted something cannot be dropped.
    onTestFinished(() => dropRoles(superuser, [...Object.values(names), weak]));
    const connection = await openAdmin(withLogin(database.ownerUrl, weak, 'weak-but-long-enough'));
    onTestFinished(() => connection.close());
    await expect(initLogins(connection, names)).rejects.toMatchObject({
      code: 'INIT_NOT_ALLOWED',
      hint: expect.stringContaining(`grant "anon" to "${weak}" with admin option; grant "authenticated"`),
    });
    expect(await superuser.query('select from pg_roles where rolname = $1', [names.userLogin])).toEqual([]);
    await superuser.script(`grant anon, authenticated, service_role to ${weak} with admin option`);
    expect(await initLogins(connection, names)).toMatchObject([{ state: 'created' }, { state: 'created' }]);
  });

  it('never sends a password to the server', async () => {
    const sent: string[] = [];
    const overheard: AdminConnection = {
      where: owner.where,
      user: owner.user,
      database: owner.database,
      query: (text, values) => {
        sent.push(text, JSON.stringify(values ?? []));
        return owner.query(text, values);
      },
      script: (text) => {
        sent.push(text);
        return owner.script(text);
      },
      close: () => owner.close(),
    };
    const logins = await initLogins(overheard, names);
    expect(sent.join('\n')).toContain('SCRAM-SHA-256$');
    for (const { password } of logins) expect(sent.join('\n')).not.toContain(password);
  });
});
