import type { AdminConnection } from '../modes/index.ts';
import type { MigrationFile } from './migration-files.ts';

/** A row of `supabase_migrations.schema_migrations`. */
export interface AppliedMigration {
  readonly version: string;
  readonly name: string | null;
  /** Null if a tool recorded only the version. */
  readonly statements: readonly string[] | null;
}

/** The table as the Supabase CLI creates it, including the columns of later releases. */
const CREATE_HISTORY = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text`;

/** Does nothing if the table already exists: not every login that may read it may alter it. */
export async function ensureHistory(connection: AdminConnection): Promise<void> {
  const columns = await historyColumns(connection);
  if (columns.has('version') && columns.has('statements') && columns.has('name')) return;
  await connection.script(CREATE_HISTORY);
}

/** The applied migrations, oldest first; none if the table does not exist yet. */
export async function readHistory(connection: AdminConnection): Promise<readonly AppliedMigration[]> {
  const columns = await historyColumns(connection);
  if (!columns.has('version')) return [];
  const optional = (name: string, type: string): string =>
    columns.has(name) ? name : `null::${type} as ${name}`;
  return connection.query<AppliedMigration>(
    `select version, ${optional('name', 'text')}, ${optional('statements', 'text[]')}
     from supabase_migrations.schema_migrations order by version collate "C"`,
  );
}

export async function recordMigration(connection: AdminConnection, migration: MigrationFile): Promise<void> {
  await connection.query(
    `insert into supabase_migrations.schema_migrations (version, name, statements)
     values ($1::text, $2::text, array(select jsonb_array_elements_text($3::jsonb)))`,
    [migration.version, migration.name, JSON.stringify(migration.statements.map((s) => s.text))],
  );
}

async function historyColumns(connection: AdminConnection): Promise<ReadonlySet<string>> {
  const rows = await connection.query<{ name: string }>(
    `select attname::text as name from pg_catalog.pg_attribute
     where attrelid = to_regclass('supabase_migrations.schema_migrations') and attnum > 0 and not attisdropped`,
  );
  return new Set(rows.map((row) => row.name));
}
