import { expect, it } from 'vitest';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { migrateUp, migrationStatus } from '../../src/ops/migrate.ts';
import { addFiles, scratchFolder } from './scratch-folder.ts';

interface History {
  readonly version: string;
  readonly name: string;
  readonly statements: readonly string[];
}

const history = (connection: AdminConnection): Promise<readonly History[]> =>
  connection.query<History>(
    'select version, name, statements from supabase_migrations.schema_migrations order by version',
  );

const exists = async (connection: AdminConnection, relation: string): Promise<boolean> => {
  const [row] = await connection.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    relation,
  ]);
  return row?.found === true;
};

const states = async (connection: AdminConnection, folder: string): Promise<readonly string[]> =>
  (await migrationStatus(connection, folder)).map((each) => `${each.version} ${each.state}`);

/** What holds wherever migrations run. `open` gives each test a database of its own. */
export function migrateCases(open: () => Promise<AdminConnection & AsyncDisposable>): void {
  it('applies what is pending, oldest first, and records it as the Supabase CLI does', async () => {
    await using connection = await open();
    const folder = await scratchFolder({
      '20260102000000_second.sql': 'alter table first add column b int; -- needs the first\n',
      '20260101000000_first.sql': '-- why\ncreate table first (a int);\n\ninsert into first values (1)',
      'README.md': 'passed over',
    });
    expect(await states(connection, folder)).toEqual(['20260101000000 pending', '20260102000000 pending']);
    expect((await migrateUp(connection, folder)).map((each) => each.name)).toEqual(['first', 'second']);
    expect(await history(connection)).toEqual([
      {
        version: '20260101000000',
        name: 'first',
        statements: ['-- why\ncreate table first (a int)', 'insert into first values (1)'],
      },
      {
        version: '20260102000000',
        name: 'second',
        statements: ['alter table first add column b int', '-- needs the first'],
      },
    ]);
    expect(await migrateUp(connection, folder)).toEqual([]);
    expect(await states(connection, folder)).toEqual(['20260101000000 applied', '20260102000000 applied']);
  });

  it('leaves nothing of a migration that fails, and names file, statement and line', async () => {
    await using connection = await open();
    const folder = await scratchFolder({
      '1_good.sql': 'create table good (a int)',
      '2_bad.sql':
        "create table bad (a int);\n\n-- 'é' and '🙂' are one character each\nselect '🙂🙂🙂🙂',\n  nope;\nselect 1",
      '3_never.sql': 'create table never (a int)',
    });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      sqlState: '42703',
      outcome: 'not-applied',
      message: expect.stringMatching(
        /2_bad\.sql, line 5 \(statement 2 of 3: select '🙂🙂🙂🙂', nope\): column "nope" does not exist\. Nothing was applied\./,
      ),
    });
    expect(await states(connection, folder)).toEqual(['1 applied', '2 pending', '3 pending']);
    expect(await exists(connection, 'bad')).toBe(false);
    await addFiles(folder, { '2_bad.sql': 'create table bad (a int)' });
    expect(await migrateUp(connection, folder)).toHaveLength(2);
  });

  it.each([
    ["select cdb.watch_table('first')", 'schema "cdb" does not exist'],
    ["do $$ begin perform cdb.watch_table('first'); end $$", 'schema "cdb" does not exist'],
    [
      "create schema cdb; select cdb.watch_table('first')",
      'function cdb.watch_table(unknown) does not exist',
    ],
  ])('says what to do where the schema cdb is missing or old: %s', async (sql, told) => {
    await using connection = await open();
    const folder = await scratchFolder({ '1_first.sql': 'create table first (a int)', '2_watch.sql': sql });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining(`${told}. Nothing was applied.`),
      hint: expect.stringMatching(
        /^The migration needs the schema cdb .* Run 'cdb init' .*, then this again\.$/,
      ),
    });
    expect(await states(connection, folder)).toEqual(['1 applied', '2 pending']);
  });

  it('keeps the hint of the server where another schema is missing', async () => {
    await using connection = await open();
    const folder = await scratchFolder({ '1_other.sql': 'select cdbx.watch_table(1), 2' });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      hint: undefined,
    });
  });

  it('runs a migration without a transaction where its first line says so', async () => {
    await using connection = await open();
    const folder = await scratchFolder({
      '1_table.sql': 'create table t (a int)',
      '2_index.sql': '-- cdb: no-transaction\ncreate index concurrently t_a on t (a);\nvacuum t;',
    });
    await migrateUp(connection, folder);
    expect(await exists(connection, 't_a')).toBe(true);
    expect((await history(connection))[1]?.statements).toEqual([
      '-- cdb: no-transaction\ncreate index concurrently t_a on t (a)',
      'vacuum t',
    ]);
  });

  it('refuses such statements in a transaction', async () => {
    await using connection = await open();
    const folder = await scratchFolder({
      '1_t.sql': 'create table t (a int); create index concurrently on t (a)',
    });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      sqlState: '25001',
    });
    expect(await exists(connection, 't')).toBe(false);
  });

  it('says what stays when a migration without a transaction fails', async () => {
    await using connection = await open();
    const folder = await scratchFolder({
      '1_t.sql': '-- cdb: no-transaction\ncreate table one (a int);\ncreate table one (a int);',
    });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      outcome: 'unknown',
      message: expect.stringMatching(
        /line 3 .*the statement before it stays applied, and the migration is not recorded/,
      ),
    });
    expect(await states(connection, folder)).toEqual(['1 pending']);
  });

  it('takes begin and commit around a file as its own, and refuses others', async () => {
    await using connection = await open();
    const folder = await scratchFolder({ '1_old.sql': 'begin;\ncreate table old (a int);\ncommit;\n-- end' });
    await migrateUp(connection, folder);
    expect(await states(connection, folder)).toEqual(['1 applied']);
    await addFiles(folder, {
      '2_split.sql': 'create table half (a int);\ncommit;\ncreate table half (a int)',
    });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({
      code: 'MIGRATION_TRANSACTION_CONTROL',
      message: expect.stringContaining("'commit' on line 2"),
    });
    expect(await exists(connection, 'half')).toBe(false);
  });

  it('keeps settings and roles of one migration from the next, and from the history', async () => {
    await using connection = await open();
    const folder = await scratchFolder({
      '1_set.sql': 'create schema other; set search_path = other; set role anon;',
      '2_use.sql': 'create table here (a int)',
    });
    await migrateUp(connection, folder);
    expect(await exists(connection, 'public.here')).toBe(true);
  });

  it('refuses to go on from a history that the folder does not know', async () => {
    await using connection = await open();
    const folder = await scratchFolder({ '1_one.sql': 'select 1', '2_two.sql': 'select 2' });
    await migrateUp(connection, folder);
    const other = await scratchFolder({
      '1_one.sql': 'select 1',
      '3_three.sql': 'create table three (a int)',
    });
    expect(await states(connection, other)).toEqual(['1 applied', '2 unknown', '3 pending']);
    await expect(migrateUp(connection, other)).rejects.toMatchObject({
      code: 'MIGRATION_UNKNOWN_VERSION',
      message: expect.stringContaining('2_two'),
    });
    expect(await exists(connection, 'three')).toBe(false);
  });

  it('applies a migration older than the newest one only when told to', async () => {
    await using connection = await open();
    const folder = await scratchFolder({ '2_two.sql': 'select 2' });
    await migrateUp(connection, folder);
    await addFiles(folder, { '1_one.sql': 'create table one (a int)' });
    await expect(migrateUp(connection, folder)).rejects.toMatchObject({ code: 'MIGRATION_OUT_OF_ORDER' });
    expect(await states(connection, folder)).toEqual(['1 out-of-order', '2 applied']);
    expect(await migrateUp(connection, folder, { includeAll: true })).toHaveLength(1);
    expect(await states(connection, folder)).toEqual(['1 applied', '2 applied']);
  });

  it('sees that a file is not what was applied', async () => {
    await using connection = await open();
    const folder = await scratchFolder({ '1_one.sql': 'select 1;select 2' });
    await migrateUp(connection, folder);
    await addFiles(folder, { '1_one.sql': 'select 1;\n\nselect 2;\n' });
    expect(await states(connection, folder)).toEqual(['1 applied']);
    await addFiles(folder, { '1_one.sql': 'select 1; select 3' });
    expect(await states(connection, folder)).toEqual(['1 changed']);
  });

  it('fails when the server process that answers does not hold the lock', async () => {
    await using connection = await open();
    const folder = await scratchFolder({ '1_one.sql': 'create table one (a int)' });
    const swapped: AdminConnection = {
      ...connection,
      query: async (text, values) =>
        text.includes('pg_try_advisory_lock') ? [{ locked: true } as never] : connection.query(text, values),
      script: (text) => connection.script(text),
    };
    await expect(migrateUp(swapped, folder)).rejects.toMatchObject({ code: 'SESSION_REQUIRED' });
    expect(await exists(connection, 'one')).toBe(false);
  });
}
