import type { AdminConnection } from '../modes/index.ts';
import { applyFromNothing, readTables, rolledBack, type TablePolicies } from './policy-definitions.ts';
import { type PolicyFile, readPolicyFiles } from './policy-files.ts';

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
 * if it cannot acquire one within a second. If even that is too much, run it on a copy. Policies that were opened for a time
 * are no difference.
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
  return rolledBack(connection, async () => {
    const actual = await readTables(connection, schemas);
    for (const file of files) await applyFromNothing(connection, file);
    return compare(actual, await readTables(connection, schemas), files);
  });
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

export function policyNames(...sides: readonly Readonly<Record<string, string>>[]): readonly string[] {
  return [...new Set(sides.flatMap((side) => Object.keys(side)))].sort();
}
