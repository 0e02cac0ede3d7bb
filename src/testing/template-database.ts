import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOptions } from '../consolidated/compile/check-options.ts';
import { ownSchemaVersions } from '../consolidated/own-schema/own-schema.ts';
import { UsageError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';

/** What a template is made of. */
export interface TemplateOptions {
  /** A folder of `.sql` files, which run in the order of their names, each as a whole or not at all. */
  readonly migrations: string;
  /** SQL that runs after them, such as reference data. */
  readonly sql?: string | undefined;
  /**
   * Makes a plain Postgres look like a Supabase project before the migrations run: roles, `auth.users`, `auth.uid()` and
   * its kin, and this package's own schema `cdb`. A database that was just created lacks them on a Supabase server too.
   *
   * @defaultValue true
   */
  readonly supabase?: boolean | undefined;
}

interface Script {
  readonly name: string;
  readonly text: string;
}

const OPTIONS = { method: 'template', names: new Set(['migrations', 'sql', 'supabase']) };
/** Set last, so that a template whose making was broken off is made anew. */
const COMPLETE = 'consolidated-db: complete';

const COMMENT = `select pg_catalog.shobj_description(oid, 'pg_database') as comment
  from pg_catalog.pg_database where datname = $1`;

/**
 * Makes the template unless it is there, and resolves to its name. Workers that need it at the same time wait for the one
 * that makes it.
 *
 * @param open opens a connection to another database of the server
 */
export async function ensureTemplate(
  admin: AdminConnection,
  options: TemplateOptions,
  open: (database: string) => Promise<AdminConnection>,
): Promise<string> {
  checkOptions(options, OPTIONS);
  const scripts = await scriptsOf(options);
  const name = `cdb_test_template_${hashOf(scripts, admin.user)}`;
  if (await isComplete(admin, name)) return name;
  const key = `cdb ${name}`;
  await admin.query('select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended($1, 0))', [key]);
  try {
    if (await isComplete(admin, name)) return name;
    await admin.query(`drop database if exists ${quotedName(name)} with (force)`);
    await admin.query(`create database ${quotedName(name)} template template0`);
    try {
      await runAll(await open(name), scripts);
    } catch (error) {
      // The error of the script is the one to tell; what is left is made anew by the next one who needs it.
      await admin.query(`drop database if exists ${quotedName(name)} with (force)`).catch(() => undefined);
      throw error;
    }
    await admin.query(`comment on database ${quotedName(name)} is '${COMPLETE}'`);
    return name;
  } finally {
    await admin.query('select pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended($1, 0))', [key]);
  }
}

async function isComplete(admin: AdminConnection, name: string): Promise<boolean> {
  const [row] = await admin.query<{ comment: string | null }>(COMMENT, [name]);
  return row?.comment === COMPLETE;
}

async function scriptsOf({ migrations, sql, supabase = true }: TemplateOptions): Promise<readonly Script[]> {
  const names = (await readdir(migrations)).filter((name) => name.endsWith('.sql')).sort();
  if (names.length === 0) {
    throw new UsageError(`The folder '${migrations}' of the template has no .sql file.`, {
      code: 'INVALID_OPTION',
    });
  }
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(migrations, name), 'utf8') })),
  );
  return [
    ...(supabase ? await supabaseScripts() : []),
    ...files,
    ...(sql === undefined ? [] : [{ name: "the option 'sql' of the template", text: sql }]),
  ];
}

async function supabaseScripts(): Promise<readonly Script[]> {
  const bootstrap = new URL('../../supabase/bootstrap.sql', import.meta.url);
  const ours = (await ownSchemaVersions()).map(({ name, script }) => ({ name, text: script }));
  return [{ name: 'bootstrap.sql', text: await readFile(bootstrap, 'utf8') }, ...ours];
}

/** Of another login the objects have another owner, so that it has templates of its own. */
function hashOf(scripts: readonly Script[], login: string): string {
  const hash = createHash('sha256').update(`${login}\0`);
  for (const { name, text } of scripts) hash.update(`${name.length} ${name}${text.length} ${text}`);
  return hash.digest('hex').slice(0, 16);
}

async function runAll(template: AdminConnection, scripts: readonly Script[]): Promise<void> {
  try {
    for (const { name, text } of scripts) {
      await template.script(text).catch((error: unknown) => {
        if (error instanceof Error) error.message = `${name}: ${error.message}`;
        throw error;
      });
    }
  } finally {
    await template.close();
  }
}
