import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quoteName, quoteText, withSession } from './sql-session.ts';
import { withDatabase } from './stack-state.ts';

const supabase = resolve(import.meta.dirname, '..', 'supabase');

export interface TemplateLogins {
  /** May create databases; a superuser where there is one. */
  readonly admin: string;
  /** Owns the databases and runs the migrations. */
  readonly owner: string;
}

export interface SqlFile {
  readonly name: string;
  readonly text: string;
}

export function readBootstrap(): SqlFile {
  return { name: 'bootstrap.sql', text: readFileSync(join(supabase, 'bootstrap.sql'), 'utf8') };
}

/** The migrations in the order of their names. */
export function readMigrations(): SqlFile[] {
  const folder = join(supabase, 'migrations');
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

export function hashOf(files: readonly SqlFile[]): string {
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(`${name}\0${text}\0`);
  return hash.digest('hex').slice(0, 12);
}

/**
 * Creates a database with bootstrap.sql and those migrations applied, unless one from the same files exists.
 *
 * Its comment is the hash of the files, set last. A lock prevents two builds at the same time. Nobody may be
 * connected to a database while it is cloned, so never reach it through a pooler, which would keep its connection.
 */
export async function ensureTemplate(
  logins: TemplateLogins,
  name: string,
  migrations: readonly SqlFile[] = [],
): Promise<void> {
  const bootstrap = readBootstrap();
  const hash = hashOf([bootstrap, ...migrations]);
  await withSession(logins.admin, async ({ query }) => {
    if ((await hashInComment(query, name)) === hash) return;
    // Held by this connection, so it ends with it.
    await query('select pg_advisory_lock(hashtext($1))', [`template ${name}`]);
    if ((await hashInComment(query, name)) === hash) return;
    const owner = decodeURIComponent(new URL(logins.owner).username);
    await query(`drop database if exists ${quoteName(name)} with (force)`);
    await query(`create database ${quoteName(name)} template template0 owner ${quoteName(owner)}`);
    await applyBootstrap(logins, name, owner, bootstrap);
    await applyMigrations(withDatabase(logins.owner, name), migrations);
    await query(`comment on database ${quoteName(name)} is ${quoteText(hash)}`);
  });
}

type Query = Parameters<Parameters<typeof withSession>[1]>[0]['query'];

async function hashInComment(query: Query, name: string): Promise<string | undefined> {
  const [row] = await query<{ hash: string | null }>(
    `select shobj_description(oid, 'pg_database') as hash from pg_database where datname = $1`,
    [name],
  );
  return row?.hash ?? undefined;
}

async function applyBootstrap(
  logins: TemplateLogins,
  name: string,
  owner: string,
  bootstrap: SqlFile,
): Promise<void> {
  const url = withDatabase(logins.admin, name);
  await withSession(url, ({ query }) => query(bootstrap.text));
  if (decodeURIComponent(new URL(logins.admin).username) !== owner) await giveToOwner(url, owner);
}

/**
 * Gives a database with bootstrap.sql applied to its owner: what Supabase gives to its role `postgres`, which owns the
 * database without being a superuser, so that it can migrate it. Doing it again changes nothing.
 *
 * @param superuser - URL of the database
 */
export async function giveToOwner(superuser: string, owner: string): Promise<void> {
  const database = decodeURIComponent(new URL(superuser).pathname.slice(1));
  const to = quoteName(owner);
  await withSession(superuser, ({ query }) =>
    query(`
      alter database ${quoteName(database)} owner to ${to};
      grant usage on schema auth to ${to};
      grant all on auth.users to ${to};
      alter schema extensions owner to ${to};
      alter schema storage owner to ${to};
      alter table storage.buckets owner to ${to};
      alter table storage.objects owner to ${to};
      alter publication supabase_realtime owner to ${to};
      alter default privileges for role ${to} in schema public grant all on tables to anon, authenticated, service_role;
      alter default privileges for role ${to} in schema public grant all on functions to anon, authenticated, service_role;
      alter default privileges for role ${to} in schema public grant all on sequences to anon, authenticated, service_role;
    `),
  );
}

async function applyMigrations(url: string, migrations: readonly SqlFile[]): Promise<void> {
  if (migrations.length === 0) return;
  await withSession(url, async ({ query }) => {
    for (const { name, text } of migrations) {
      try {
        await query(text);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`migration ${name} failed: ${message}`, { cause });
      }
    }
  });
}
