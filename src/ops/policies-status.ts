import { DatabaseError } from '../contract/errors.ts';
import type { AdminConnection } from '../modes/index.ts';
import { readMigrationFiles } from './migration-files.ts';
import { policyNames } from './policies.ts';
import { carriedSections, section } from './policies-migration.ts';
import { applyFromNothing, readTables, rolledBack, type TablePolicies } from './policy-definitions.ts';
import { type PolicyFile, readPolicyFiles } from './policy-files.ts';
import { type TemporaryPolicy, temporaryPolicies } from './temporary-policies.ts';

/**
 * - `same`: as in the policy file; without one as in the newest migration, or else in the database.
 * - `different`: with another command, role or condition.
 * - `unreadable`: the block of the migration can no longer be applied, such as after a column was dropped.
 */
type Side = 'same' | 'different' | 'missing' | 'unreadable';

interface PolicyStatus {
  readonly schema: string;
  readonly table: string;
  /** Undefined for whether row level security is on, and forced. */
  readonly policy: string | undefined;
  readonly file: Side;
  /** The block of the file in the newest migration that contains it. */
  readonly migration: Side;
  readonly database: Side;
  /** What to do; undefined where all three are the same. */
  readonly advice: string | undefined;
}

interface PolicyStatusReport {
  readonly policies: readonly PolicyStatus[];
  /** What is open for a time, or has ended and is still there. */
  readonly temporary: readonly TemporaryPolicy[];
}

interface PolicyFolders {
  readonly migrations: string;
  readonly policies: string;
}

/**
 * Compares each policy in its file, in the newest migration that contains the file, and in the database. It changes nothing:
 * Postgres itself prints all three, in a transaction that is rolled back.
 *
 * The transaction takes an exclusive lock on each table that has a file, for a few milliseconds. It gives up if it cannot
 * acquire one within a second.
 *
 * @throws UsageError `INVALID_STATEMENT` when a file cannot be applied, TimeoutError `LOCK_NOT_AVAILABLE`.
 */
export async function policyStatus(
  connection: AdminConnection,
  folders: PolicyFolders,
  options: { readonly schemas?: readonly string[] } = {},
): Promise<PolicyStatusReport> {
  const files = await readPolicyFiles(folders.policies);
  const carried = carriedSections(await readMigrationFiles(folders.migrations));
  const schemas = [...new Set([...(options.schemas ?? ['public']), ...files.map((each) => each.schema)])];
  const temporary = await temporaryPolicies(connection);
  const policies = await rolledBack(connection, async () => {
    const database = await readTables(connection, schemas);
    for (const file of files) await applyFromNothing(connection, file);
    const filed = await readTables(connection, schemas);
    const unreadable = new Set<string>();
    for (const file of files) {
      const block = carried.get(file.file);
      if (block === undefined || block.trimEnd() === section(file).trimEnd()) continue;
      if (!(await isApplied(connection, { ...file, text: block }))) unreadable.add(file.file);
    }
    const migrated = await readTables(connection, schemas);
    return database.flatMap((table) => {
      const file = files.find((each) => each.schema === table.schema && each.table === table.table);
      const of = (side: readonly TablePolicies[]): TablePolicies | undefined =>
        side.find((each) => each.schema === table.schema && each.table === table.table);
      return rowsOf({
        database: table,
        filed: file && of(filed),
        migrated: file !== undefined && carried.has(file.file) ? of(migrated) : undefined,
        isUnreadable: file !== undefined && unreadable.has(file.file),
      });
    });
  });
  return { policies, temporary };
}

/** A failure of the block takes only itself back. */
async function isApplied(connection: AdminConnection, block: PolicyFile): Promise<boolean> {
  await connection.script('savepoint block');
  try {
    await applyFromNothing(connection, block);
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code === 'LOCK_NOT_AVAILABLE') throw error;
    await connection.script('rollback to savepoint block');
    return false;
  }
}

interface Sides {
  readonly database: TablePolicies;
  /** Undefined without a file. */
  readonly filed: TablePolicies | undefined;
  /** Undefined where no migration contains the file. */
  readonly migrated: TablePolicies | undefined;
  readonly isUnreadable: boolean;
}

function rowsOf({ database, filed, migrated, isUnreadable }: Sides): readonly PolicyStatus[] {
  const names = policyNames(database.policies, filed?.policies ?? {}, migrated?.policies ?? {});
  const row = (
    policy: string | undefined,
    definition: (side: TablePolicies) => string | undefined,
  ): PolicyStatus => {
    const file = filed && definition(filed);
    const block = isUnreadable ? undefined : migrated && definition(migrated);
    const is = definition(database);
    const reference = file ?? block ?? is;
    const side = (of: string | undefined): Side =>
      of === undefined ? 'missing' : of === reference ? 'same' : 'different';
    const sides = {
      file: side(file),
      migration: isUnreadable ? 'unreadable' : side(block),
      database: side(is),
    } as const;
    return { schema: database.schema, table: database.table, policy, ...sides, advice: adviceFor(sides) };
  };
  const policies = names.map((name) => row(name, (side) => side.policies[name]));
  // A table without a file, a policy and row level security is none of this command's.
  if (filed === undefined) return policies;
  return [row(undefined, (side) => `${side.secured} ${side.forced}`), ...policies];
}

function adviceFor({
  file,
  migration,
  database,
}: Pick<PolicyStatus, 'file' | 'migration' | 'database'>): string | undefined {
  if (file === 'missing' && migration === 'missing')
    return 'It is in the database alone: write it into a policy file, or drop it.';
  if (file !== migration) return 'The file has changed: cdb policies migration NAME, then cdb migrate up.';
  if (database !== file)
    return 'cdb migrate up. If nothing is pending, the database was changed by hand: a new policies migration that contains the file puts it right.';
  return undefined;
}
