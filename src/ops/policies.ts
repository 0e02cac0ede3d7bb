import type { AdminConnection } from '../modes/index.ts';
import { clearPolicies, type PolicyFile, readPolicyFiles } from './policy-files.ts';

/**
 * - `missing`: in the files, not in the database.
 * - `extra`: in the database, not in the files.
 * - `different`: in both, with another command, role or condition.
 * - `rls-off`: the file enables row level security, but it is off in the database (`rls-on`: the other way round).
 */
export interface PolicyDifference {
  readonly kind: 'missing' | 'extra' | 'different' | 'rls-off' | 'rls-on';
  readonly schema: string;
  readonly table: string;
  /** Name of the policy; undefined for the whole table. */
  readonly policy: string | undefined;
}

interface PolicyCheckOptions {
  /** Schemas in which every table with policies must have a file. @defaultValue ['public'] */
  readonly schemas?: readonly string[];
}

/**
 * Compares the policies of a database with the policy files, and changes nothing: it applies the files in a
 * transaction that is rolled back, so that Postgres itself prints both sides in the same form.
 *
 * The transaction takes an exclusive lock on each table that has a file, for a few milliseconds. It gives up
 * if it cannot acquire one within a second. If even that is too much, run it on a copy.
 *
 * @throws UsageError `INVALID_STATEMENT` when a file cannot be applied, TimeoutError `LOCK_NOT_AVAILABLE`.
 */
export async function policyDifferences(
  connection: AdminConnection,
  directory: string,
  options: PolicyCheckOptions = {},
): Promise<readonly PolicyDifference[]> {
  const files = await readPolicyFiles(directory);
  const schemas = [...new Set([...(options.schemas ?? ['public']), ...files.map((each) => each.schema)])];
  await connection.script("begin; set local lock_timeout = '1s'");
  try {
    const actual = await readTables(connection, schemas);
    for (const file of files) await applyFromNothing(connection, file);
    return compare(actual, await readTables(connection, schemas), files);
  } finally {
    await connection.script('rollback');
  }
}

async function applyFromNothing(connection: AdminConnection, file: PolicyFile): Promise<void> {
  const table = `${file.schema}.${file.table}`;
  await connection.script(`${clearPolicies(file)}
    alter table ${table} disable row level security;
    alter table ${table} no force row level security;`);
  await connection.script(file.text);
}

interface TablePolicies {
  readonly schema: string;
  readonly table: string;
  readonly secured: boolean;
  readonly forced: boolean;
  /** Name of the policy → its definition as one text. */
  readonly policies: Readonly<Record<string, string>>;
}

function readTables(
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
         from pg_catalog.pg_policy p where p.polrelid = c.oid
       ), '{}') as policies
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
     order by 1, 2`,
    [JSON.stringify(schemas)],
  );
}

function compare(
  actual: readonly TablePolicies[],
  wanted: readonly TablePolicies[],
  files: readonly PolicyFile[],
): readonly PolicyDifference[] {
  return actual.flatMap((has): readonly PolicyDifference[] => {
    const filed = files.some((file) => file.schema === has.schema && file.table === has.table);
    const target = wanted.find((each) => each.schema === has.schema && each.table === has.table);
    const should = filed ? target?.policies : {};
    const difference = (kind: PolicyDifference['kind'], policy?: string): PolicyDifference => ({
      kind,
      schema: has.schema,
      table: has.table,
      policy,
    });
    const differences = policyNames(has.policies, should ?? {}).flatMap((name) => {
      const [is, ought] = [has.policies[name], should?.[name]];
      if (is === ought) return [];
      return [difference(is === undefined ? 'missing' : ought === undefined ? 'extra' : 'different', name)];
    });
    if (!filed || target === undefined) return differences;
    if (has.secured !== target.secured) differences.push(difference(has.secured ? 'rls-on' : 'rls-off'));
    else if (has.forced !== target.forced) differences.push(difference('different'));
    return differences;
  });
}

function policyNames(...sides: readonly Readonly<Record<string, string>>[]): readonly string[] {
  return [...new Set(sides.flatMap((side) => Object.keys(side)))].sort();
}
