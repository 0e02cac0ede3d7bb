import { describe, expect, it } from 'vitest';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { examine } from '../../src/ops/doctor.ts';
import { lintRowLevelSecurity } from '../../src/ops/lint.ts';
import { closeTemporary, openTemporarily } from '../../src/ops/open-temporarily.ts';
import { temporaryPolicies } from '../../src/ops/temporary-policies.ts';
import { withSession } from '../../stack/sql-session.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { reopenedEmbeddedAdmin } from './embedded-admin.ts';
import { disposable, openOwnedDatabase } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';

const SQL = `${OWN_SCHEMA}
create table "Odd ""notes""" (id int primary key, owner uuid);
insert into "Odd ""notes""" select n from generate_series(1, 5) n;
alter table "Odd ""notes""" enable row level security;
create policy none on "Odd ""notes""" for select to authenticated using (false);
create table bare (id int primary key);`;

const table = { schema: 'public', table: 'Odd "notes"' };
const NAME = 'public."Odd ""notes"""';
const opening = {
  table,
  role: 'authenticated',
  command: 'select',
  until: '30m',
  reason: 'Incident 12: rows are missing',
};

const AUDIT = `select operation, table_schema as schema, table_name as "table", role = login as "isLogin", before, after, reason
  from cdb.audit order by id`;

/** The rows that the role sees. */
async function seen(connection: AdminConnection, role = 'authenticated'): Promise<number> {
  await connection.script(`begin; set local role ${role}`);
  try {
    const [row] = await connection.query<{ n: number }>(`select count(*)::int as n from ${NAME}`);
    return row?.n ?? -1;
  } finally {
    await connection.script('rollback');
  }
}

/** Waits in the database, by its clock. */
async function untilEnded(connection: AdminConnection): Promise<void> {
  await connection.query(
    `select pg_sleep(greatest(0, extract(epoch from max((after ->> 'until')::timestamptz) - clock_timestamp())))
     from cdb.audit where operation = 'open'`,
  );
}

function cases(open: () => Promise<AdminConnection & AsyncDisposable>): void {
  it('ends at the time that was said, whatever the session calls zones', async () => {
    await using connection = await open();
    await connection.script(`set datestyle = 'SQL, DMY'; set timezone = 'Asia/Kolkata'`);
    await openTemporarily(connection, { ...opening, until: '1s' });
    await untilEnded(connection);
    expect(await seen(connection)).toBe(0);
  });

  it('lets one role do one thing until it ends by itself, with row level security on', async () => {
    await using connection = await open();
    expect(await seen(connection)).toBe(0);
    const opened = await openTemporarily(connection, { ...opening, until: '4s' });
    expect(opened).toMatchObject({ policy: 'cdb temporary select to authenticated', isGranted: true });
    expect([await seen(connection), await seen(connection, 'anon')]).toEqual([5, 0]);
    const writes = `begin; set local role authenticated; update ${NAME} set owner = gen_random_uuid()`;
    await connection.script(writes);
    await connection.script('rollback');
    const secured = `select relrowsecurity as "is" from pg_class where oid = '${NAME}'::regclass`;
    expect(await connection.query(secured)).toEqual([{ is: true }]);
    await untilEnded(connection);
    expect(await seen(connection)).toBe(0);
  });

  it('is written to the audit in the same transaction, with its reason, and so is its end', async () => {
    await using connection = await open();
    const { until } = await openTemporarily(connection, opening);
    await closeTemporary(connection, { table, reason: 'Done' });
    const whose = { schema: 'public', table: 'Odd "notes"', isLogin: true };
    const policy = 'cdb temporary select to authenticated';
    const rows = await connection.query<{ after: { until: string } | null }>(AUDIT);
    expect(rows).toEqual([
      {
        ...whose,
        operation: 'open',
        before: null,
        after: { policy, role: 'authenticated', command: 'select', until: expect.any(String) },
        reason: 'Incident 12: rows are missing',
      },
      { ...whose, operation: 'close', before: { policy }, after: null, reason: 'Done' },
    ]);
    expect(new Date(rows[0]?.after?.until ?? '').toISOString()).toBe(until);
    await expect(openTemporarily(connection, { ...opening, role: 'nobody' })).rejects.toThrow();
    expect(await connection.query(AUDIT)).toHaveLength(2);
  });

  it('ends at once when it is closed, and leaves other policies alone', async () => {
    await using connection = await open();
    await openTemporarily(connection, opening);
    await openTemporarily(connection, { ...opening, command: 'delete' });
    expect(await closeTemporary(connection, { expired: true })).toEqual([]);
    expect(await closeTemporary(connection, { table: { schema: 'public', table: 'bare' } })).toEqual([]);
    expect(await closeTemporary(connection, { role: 'anon' })).toEqual([]);
    expect(await seen(connection)).toBe(5);
    expect((await closeTemporary(connection, { table })).map(({ command }) => command)).toEqual([
      'delete',
      'select',
    ]);
    expect(await seen(connection)).toBe(0);
    expect(
      await connection.query('select polname::text as name from pg_policy where polname = $1', ['none']),
    ).toHaveLength(1);
    await expect(connection.query(`select cdb.close_temporary('${NAME}', 'none')`)).rejects.toMatchObject({
      code: 'OPENING_REFUSED',
    });
  });

  it('opened again is one policy, which ends at the new time', async () => {
    await using connection = await open();
    await openTemporarily(connection, opening);
    const again = await openTemporarily(connection, { ...opening, until: '2h' });
    expect(await temporaryPolicies(connection)).toEqual([
      {
        table: NAME,
        policy: again.policy,
        command: 'select',
        role: 'authenticated',
        until: again.until,
        secondsLeft: expect.any(Number),
      },
    ]);
  });

  it.each([
    ['insert', `insert into ${NAME} values (9)`],
    ['update', `update ${NAME} set owner = '6a1f6c3e-0000-4000-8000-000000000001'`],
    ['delete', `delete from ${NAME}`],
  ])('opens %s', async (command, sql) => {
    await using connection = await open();
    await openTemporarily(connection, opening);
    const rows = async (): Promise<number> => {
      await connection.script('begin; set local role authenticated');
      try {
        return (await connection.query(`${sql} returning id`)).length;
      } finally {
        await connection.script('rollback');
      }
    };
    if (command === 'insert') await expect(rows()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    else expect(await rows()).toBe(0);
    await openTemporarily(connection, { ...opening, command });
    expect(await rows()).toBeGreaterThan(0);
  });

  it.each([
    ['a role that is none', { role: 'nobody"; drop table bare' }, /There is no role/],
    ['everyone', { role: 'public' }, /There is no role "public"/],
    ['anonymous callers', { role: 'anon' }, /not signed in/],
    ['a role that bypasses row level security', { role: 'service_role' }, /bypasses/],
    ['a command that is none', { command: 'truncate' }, /must be select/],
    ['all commands', { command: 'all' }, /must be select/],
    ['more than a day', { until: '25h' }, /within 24 hours/],
    ['an end that is over', { until: '2020-01-01T00:00:00Z' }, /in the future/],
    ['no time at all', { until: '0s' }, /in the future/],
    ['no reason', { reason: '  ' }, /reason is needed/],
    ['a table without row level security', { table: { schema: 'public', table: 'bare' } }, /open already/],
    ['a view', { table: { schema: 'pg_catalog', table: 'pg_roles' } }, /is not a table/],
  ])('refuses %s', async (_what, change, message) => {
    await using connection = await open();
    await expect(openTemporarily(connection, { ...opening, ...change })).rejects.toMatchObject({
      code: 'OPENING_REFUSED',
      message: expect.stringMatching(message),
    });
    expect(await temporaryPolicies(connection)).toEqual([]);
    expect(await connection.query(AUDIT)).toEqual([]);
  });

  it.each(['soon', '30', '1y', '2027-01-02', '2027-01-02T15:00:00', "'; drop table bare"])(
    'takes %j for no end',
    async (until) => {
      await using connection = await open();
      await expect(openTemporarily(connection, { ...opening, until })).rejects.toMatchObject({
        code: 'OPENING_END',
      });
    },
  );

  it('may be for anonymous callers if that is said', async () => {
    await using connection = await open();
    await openTemporarily(connection, { ...opening, role: 'anon', evenAnonymous: true });
    expect([await seen(connection, 'anon'), await seen(connection)]).toEqual([5, 0]);
  });

  it('says where the role lacks the grant', async () => {
    await using connection = await open();
    await connection.script(`revoke select on ${NAME} from authenticated`);
    expect((await openTemporarily(connection, opening)).isGranted).toBe(false);
    await connection.script(`grant select (id) on ${NAME} to authenticated`);
    expect((await openTemporarily(connection, opening)).isGranted).toBe(true);
  });

  it('is a finding while it is open, when it has ended, and when somebody took its end away', async () => {
    await using connection = await open();
    const found = async () =>
      (await lintRowLevelSecurity(connection))
        .filter(({ code }) => code.startsWith('policy_'))
        .map(({ level, code, object, message }) => ({ level, code, object, message }));
    await openTemporarily(connection, { ...opening, until: '1s' });
    await untilEnded(connection);
    expect(await found()).toEqual([
      {
        level: 'warning',
        code: 'policy_has_expired',
        object: NAME,
        message: expect.stringContaining('still there'),
      },
    ]);
    const { policy, until } = await openTemporarily(connection, opening);
    expect(await found()).toEqual([
      {
        level: 'warning',
        code: 'policy_is_temporary',
        object: NAME,
        message: `${NAME} is open for select to authenticated until ${until}`,
      },
    ]);
    await connection.script(`alter policy "${policy}" on ${NAME} using (true)`);
    expect(await found()).toEqual([
      {
        level: 'error',
        code: 'policy_is_temporary',
        object: NAME,
        message: expect.stringContaining('does not end by itself'),
      },
    ]);
  });
}

describe('opening a table for a time, embedded', () => {
  const open = reopenedEmbeddedAdmin();
  cases(() => open(SQL));
});

describeFullStack('opening a table for a time', () => {
  cases(async () => disposable(await openOwnedDatabase({ sql: SQL })));

  it('ends within an open transaction and a cursor too', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    await withSession(owned.database.adminUrl, async ({ query }) => {
      await openTemporarily(owned.owner, { ...opening, until: '5s' });
      await query('begin isolation level repeatable read');
      await query('set local role authenticated');
      expect(await query(`select id from ${NAME}`)).toHaveLength(5);
      await query(`declare c cursor for select id from ${NAME} order by id`);
      await query(`declare slow cursor for select id, pg_sleep(0.6) from ${NAME}`);
      expect(await query('fetch 1 from slow')).toHaveLength(1);
      await untilEnded(owned.owner);
      expect(await query('fetch all from slow')).toEqual([]);
      expect(await query(`select id from ${NAME}`)).toEqual([]);
      await query('rollback');
    });
  });

  it('ends within a statement that runs across the end', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    await openTemporarily(owned.owner, { ...opening, until: '2s' });
    await withSession(owned.database.adminUrl, async ({ query }) => {
      await query('begin');
      await query('set local role authenticated');
      expect((await query(`select id, pg_sleep(1) from ${NAME}`)).length).toBeLessThan(5);
      await query('rollback');
    });
  });

  it('gives up if the table is locked, and changes nothing', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    await withSession(owned.database.adminUrl, async ({ query }) => {
      await query(`begin`);
      await query(`lock table ${NAME} in access share mode`);
      await expect(openTemporarily(owned.owner, opening)).rejects.toMatchObject({
        code: 'LOCK_NOT_AVAILABLE',
      });
      await query('rollback');
    });
    expect(await owned.owner.query(AUDIT)).toEqual([]);
    await openTemporarily(owned.owner, opening);
  });

  it('is not for callers to do, nor for the service', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    for (const role of ['anon', 'authenticated', 'service_role']) {
      await owned.owner.script(`begin; set local role ${role}`);
      await expect(openTemporarily(owned.owner, opening)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await owned.owner.script('rollback');
    }
  });

  it('wants the name of the table, from people and from scripts', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    const environment = { CDB_ADMIN_URL: owned.database.ownerUrl };
    const args = ['--table="Odd ""notes"""', '--role=authenticated', '--until=30m', '--reason=Incident 12'];
    const open = (...more: readonly string[]) =>
      runCdb(['policies', 'open-temporarily', ...args, ...more], environment);
    expect(await open()).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was opened') });
    expect(await open('--confirm=bare')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("It was 'bare'"),
    });
    expect(await open('--confirm=public.Odd "notes"')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^public\.Odd "notes" is open for select to authenticated until 2/),
      stderr: '',
    });
    const close = (...more: readonly string[]) =>
      runCdb(['policies', 'close', ...more, '--json'], environment);
    expect(await close('--expired')).toMatchObject({ code: 0, stdout: expect.stringContaining('[]') });
    expect(JSON.parse((await close('--all')).stdout)).toMatchObject({
      closed: [{ table: NAME, command: 'select' }],
    });
    expect(await close()).toMatchObject({ code: 2 });
  });

  it('is told by the doctor to a login without rights', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    const { until } = await openTemporarily(owned.owner, opening);
    expect(await examine({ user: { direct: owned.database.user.direct } })).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        where: 'database',
        message: `${NAME} is open for select to authenticated until ${until}`,
      }),
    );
  });

  it('needs the schema cdb, and says so', async () => {
    await using owned = await openOwnedDatabase({
      sql: 'create table bare (id int); alter table bare enable row level security',
    });
    const bare = { schema: 'public', table: 'bare' };
    await expect(openTemporarily(owned.owner, { ...opening, table: bare })).rejects.toMatchObject({
      code: 'OWN_SCHEMA_MISSING',
    });
  });
});
