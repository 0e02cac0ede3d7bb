import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { quoteName, withSession } from '../../stack/sql-session.ts';
import { withDatabase } from '../../stack/stack-state.ts';
import { giveToOwner, readBootstrap } from '../../stack/template-database.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { runCdb } from './run-cdb.ts';

describeFullStack('the owner that the stack prints', (stack) => {
  it('migrates the database that the stack prints', async () => {
    // As the stack makes that database: by the superuser, with bootstrap.sql, and then given to the owner.
    const name = `cdb_test_printed_${randomBytes(4).toString('hex')}`;
    const [superuser, owner] = [withDatabase(stack.admin, name), withDatabase(stack.owner, name)];
    await withSession(stack.admin, ({ query }) =>
      query(`create database ${quoteName(name)} template template0`),
    );
    try {
      await withSession(superuser, ({ query }) => query(readBootstrap().text));
      await giveToOwner(superuser, decodeURIComponent(new URL(owner).username));
      await giveToOwner(superuser, decodeURIComponent(new URL(owner).username));
      const environment = { CDB_ADMIN_URL: owner };
      expect(await runCdb(['migrate', 'up'], environment)).toMatchObject({ code: 0, stderr: '' });
      expect((await runCdb(['policies', 'check'], environment)).code).toBe(0);
      const seen = await withSession(owner, ({ query }) =>
        query('select count(*)::int as n from public.trips'),
      );
      expect(seen).toEqual([{ n: 0 }]);
    } finally {
      await withSession(stack.admin, ({ query }) =>
        query(`drop database if exists ${quoteName(name)} with (force)`),
      );
    }
  });
});
