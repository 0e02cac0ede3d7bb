import { describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/ops/migrate.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { openEmbeddedAdmin } from './embedded-admin.ts';
import { disposable, openAdmin, openOwnedDatabase } from './full-stack-admin.ts';
import { migrateCases } from './migrate-cases.ts';
import { scratchFolder } from './scratch-folder.ts';

describe('migrateUp on the embedded database', () => {
  migrateCases(() => openEmbeddedAdmin());
});

describeFullStack('migrateUp on a server', () => {
  migrateCases(async () => disposable(await openOwnedDatabase()));

  it('lets a second run wait for the first, then find nothing to do', async () => {
    await using owned = await openOwnedDatabase({ sql: 'create table gate (a int)' });
    const { database, owner } = owned;
    const second = await openAdmin(database.ownerUrl);
    const gatekeeper = await openAdmin(database.ownerUrl);
    const folder = await scratchFolder({
      '1_one.sql': 'insert into gate values (1)',
      '2_two.sql': '-- cdb: no-transaction\ncreate index concurrently gate_a on gate (a)',
    });
    await gatekeeper.script('begin; lock table gate');
    const first = migrateUp(owner, folder);
    const waiting = Promise.withResolvers<void>();
    const firstHolds = await heldBy(gatekeeper);
    expect(firstHolds).toBe(true);
    const later = migrateUp(second, folder, {
      onProgress: (event) => {
        if (event.kind === 'waiting') waiting.resolve();
      },
    });
    await waiting.promise;
    await gatekeeper.script('commit');
    expect(await first).toHaveLength(2);
    expect(await later).toEqual([]);
    expect(await gatekeeper.query('select a from gate')).toHaveLength(1);
    await second.close();
    await gatekeeper.close();
  });

  it('gives up waiting for another run in the time it is given', async () => {
    await using owned = await openOwnedDatabase({ sql: 'create table gate (a int)' });
    const { database, owner } = owned;
    const second = await openAdmin(database.ownerUrl);
    const folder = await scratchFolder({ '1_one.sql': 'insert into gate values (1)' });
    const gatekeeper = await openAdmin(database.ownerUrl);
    await gatekeeper.script('begin; lock table gate');
    const first = migrateUp(owner, folder);
    await heldBy(gatekeeper);
    await expect(migrateUp(second, folder, { waitMs: 0 })).rejects.toMatchObject({
      code: 'MIGRATIONS_LOCKED',
    });
    await gatekeeper.script('commit');
    await first;
    await second.close();
    await gatekeeper.close();
  });

  it('waits for a lock no longer than it is told', async () => {
    await using owned = await openOwnedDatabase({ sql: 'create table gate (a int)' });
    const gatekeeper = await openAdmin(owned.database.ownerUrl);
    const folder = await scratchFolder({ '1_one.sql': 'insert into gate values (1)' });
    await gatekeeper.script('begin; lock table gate');
    await expect(migrateUp(owned.owner, folder, { lockTimeoutMs: 1 })).rejects.toMatchObject({
      sqlState: '55P03',
    });
    await gatekeeper.close();
  });

  it('says that a migration was interrupted when its connection ends', async () => {
    await using database = await createTestDatabase();
    const connection = await openAdmin(database.ownerUrl);
    const folder = await scratchFolder({
      '1_end.sql': 'create table t (a int);\nselect pg_terminate_backend(pg_backend_pid())',
    });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      message: expect.stringContaining('1_end.sql, line 2'),
    });
    expect(await database.query("select to_regclass('t') as t")).toEqual([{ t: null }]);
    await connection.close();
  });
});

/** Resolves once some connection of this database holds the migrations' lock. */
async function heldBy(connection: Awaited<ReturnType<typeof openAdmin>>): Promise<boolean> {
  for (;;) {
    const rows = await connection.query(
      "select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    if (rows.length > 0) return true;
  }
}
