import { TEMPORARY_POLICY } from '../consolidated/own-schema/temporary-policy.ts';
import type { AdminConnection } from '../modes/index.ts';
import { clearPolicies, type PolicyFile } from './policy-files.ts';

/** Runs in a transaction that is rolled back, and that does not wait long for a table. */
export async function rolledBack<T>(connection: AdminConnection, work: () => Promise<T>): Promise<T> {
  await connection.script("begin; set local lock_timeout = '1s'");
  try {
    return await work();
  } finally {
    await connection.script('rollback');
  }
}

/** So that the table has these policies and settings, and no others. */
export async function applyFromNothing(connection: AdminConnection, file: PolicyFile): Promise<void> {
  const table = `${file.schema}.${file.table}`;
  await connection.script(`${clearPolicies(file)}
    alter table ${table} disable row level security;
    alter table ${table} no force row level security;`);
  await connection.script(file.text);
}

export interface TablePolicies {
  readonly schema: string;
  readonly table: string;
  readonly secured: boolean;
  readonly forced: boolean;
  /** Name of the policy → its definition as one text. */
  readonly policies: Readonly<Record<string, string>>;
}

/** Without the policies that were opened for a time. */
export function readTables(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly TablePolicies[]> {
  return connection.query<TablePolicies>(
    `select
       n.nspname::text as schema,
       c.relname::text as "table",
       c.relrowsecurity as secured,
       c.relforcerowsecurity as forced,
       coalesce((
         select json_object_agg(p.polname, json_build_array(
           p.polcmd,
           p.polpermissive,
           array(select r::regrole::text from unnest(p.polroles) r order by 1),
           pg_get_expr(p.polqual, p.polrelid),
           pg_get_expr(p.polwithcheck, p.polrelid)
         )::text)
         from pg_catalog.pg_policy p
         where p.polrelid = c.oid and not starts_with(p.polname::text, '${TEMPORARY_POLICY}')
       ), '{}') as policies
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
     order by 1, 2`,
    [JSON.stringify(schemas)],
  );
}
