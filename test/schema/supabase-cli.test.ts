import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { migrateUp, migrationStatus } from '../../src/ops/migrate.ts';
import { openOwnedDatabase } from '../ops/full-stack-admin.ts';
import { addFiles, scratchFolder } from '../ops/scratch-folder.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { supabaseCli } from './supabase-cli.ts';

const HISTORY =
  'select version, name, statements from supabase_migrations.schema_migrations order by version';

/** What both tools have to split alike. */
const ODD = `select 1;
-- alone
;
/* alone too */;  ;select E'a\\';b';
create function odd() returns int begin atomic select 1; select case when true then 2 end; end;
create function "odd;"() returns int language sql as $a$ select 1 ; $a$;select 3 -- tail
;
create table odds (a int);
create rule r as on insert to odds do also (select 1; select 2);
select U&'\\0441;', '\\', ';';
-- end
`;

describeFullStack('the Supabase CLI', () => {
  it('goes on where cdb stopped, and the other way round, with the same history', async () => {
    await using mixed = await openOwnedDatabase();
    await using plain = await openOwnedDatabase();
    const files = (await readdir('supabase/migrations')).sort();
    const folder = await scratchFolder({
      'supabase/config.toml': await readFile('supabase/config.toml', 'utf8'),
    });
    const migrations = join(folder, 'supabase', 'migrations');
    const add = async (names: readonly string[]): Promise<void> => {
      for (const name of names) await cp(join('supabase/migrations', name), join(migrations, name));
    };

    await add(files.slice(0, 1));
    await migrateUp(mixed.owner, migrations);
    await add(files.slice(1, 3));
    expect(await supabaseCli(mixed.database.ownerUrl, folder, ['migration', 'up'])).toMatchObject({
      code: 0,
    });
    await add(files.slice(3));
    await addFiles(migrations, { '30000101000000_odd.sql': ODD });
    await migrateUp(mixed.owner, migrations);
    expect((await migrationStatus(mixed.owner, migrations)).map((each) => each.state)).toEqual(
      [...files, 'odd'].map(() => 'applied'),
    );

    expect(await supabaseCli(plain.database.ownerUrl, folder, ['migration', 'up'])).toMatchObject({
      code: 0,
    });
    expect(await mixed.owner.query(HISTORY)).toEqual(await plain.owner.query(HISTORY));
    expect(await migrateUp(plain.owner, migrations)).toEqual([]);
  }, 180_000);

  it('lists what cdb applied', async () => {
    await using owned = await openOwnedDatabase();
    await migrateUp(owned.owner, 'supabase/migrations');
    const { code, stdout } = await supabaseCli(owned.database.ownerUrl, process.cwd(), [
      'migration',
      'list',
      '--output-format',
      'json',
    ]);
    expect(code).toBe(0);
    for (const { version } of await migrationStatus(owned.owner, 'supabase/migrations')) {
      expect(stdout.split(version).length - 1).toBeGreaterThanOrEqual(2);
    }
  });

  it('has no warning or error to report on the migrated schema', async () => {
    await using database = await createTestDatabase({ migrated: true });
    const folder = await scratchFolder({});
    const advisors = ['db', 'advisors', '--level', 'warn', '--fail-on', 'warn', '--output-format', 'json'];
    const clean = await supabaseCli(database.ownerUrl, folder, advisors);
    expect(clean.stdout).toContain('"results":[]');
    expect(clean.code).toBe(0);
    await database.query('alter table trips disable row level security');
    const spoiled = await supabaseCli(database.ownerUrl, folder, advisors);
    expect(spoiled.stdout).toContain('rls_disabled_in_public');
    expect(spoiled.code).not.toBe(0);
  });

  it('generates the committed Database type', async () => {
    await using database = await createTestDatabase({ migrated: true });
    const folder = await scratchFolder({});
    const { stdout } = await supabaseCli(database.ownerUrl, folder, [
      'gen',
      'types',
      'typescript',
      '--schema',
      'public',
    ]);
    const committed = await readFile('test/support/database.generated.ts', 'utf8');
    expect(stdout, "Write it anew: 'supabase gen types typescript --schema public'.").toBe(committed);
  });
});
