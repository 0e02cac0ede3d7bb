import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../contract/errors.ts';

/** A file of `supabase/policies`: all policies of one table. `trips.sql`, or `schema.table.sql` outside `public`. */
export interface PolicyFile {
  readonly file: string;
  readonly schema: string;
  readonly table: string;
  readonly text: string;
}

const FILE_NAME = /^(?:([a-z_][a-z0-9_]*)\.)?([a-z_][a-z0-9_]*)\.sql$/;

/**
 * Reads the policy files of a folder, by name.
 *
 * @throws ConfigurationError `POLICIES_NOT_FOUND`, `POLICY_FILE_NAME`.
 */
export async function readPolicyFiles(directory: string): Promise<readonly PolicyFile[]> {
  const names = await listSql(directory);
  return Promise.all(
    names.map(async (file) => {
      const [, schema = 'public', table] = FILE_NAME.exec(file) ?? [];
      if (table === undefined) {
        throw new ConfigurationError(`The policy file '${file}' is not named after a table.`, {
          code: 'POLICY_FILE_NAME',
          hint: 'Names look like trips.sql, or billing.invoices.sql for a table outside public.',
        });
      }
      const text = await readFile(join(directory, file), 'utf8');
      return { file, schema, table, text: `${text.replace(/^\uFEFF/, '').trimEnd()}\n` };
    }),
  );
}

async function listSql(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  } catch (cause) {
    throw new ConfigurationError(`Could not read the policies folder '${directory}'.`, {
      code: 'POLICIES_NOT_FOUND',
      hint: 'Run this in the folder that contains supabase/, or name the folder.',
      cause,
    });
  }
}

/**
 * Drops every policy of the file's table, so that only those of the file exist: a policy that was
 * renamed in or removed from the file is also removed from the database.
 */
export function clearPolicies(file: PolicyFile): string {
  const table = `'${file.schema}.${file.table}'::regclass`;
  return `do $cdb$
declare
  policy name;
begin
  for policy in select polname from pg_catalog.pg_policy where polrelid = ${table} loop
    execute format('drop policy %I on %s', policy, ${table});
  end loop;
end
$cdb$;
`;
}
