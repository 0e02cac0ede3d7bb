import type { Clock } from '../contract/clock.ts';
import { knownPolicies } from './known-policies.ts';
import { type MigrationFile, readMigrationFiles } from './migration-files.ts';
import { checkMigrationName, writeNewMigration } from './new-migration.ts';
import { clearPolicies, type PolicyFile, readPolicyFiles } from './policy-files.ts';
import { splitStatements } from './sql-statements.ts';

/** A policy that an earlier migration created and the changed policy file does not have. */
export interface DroppedPolicy {
  /** `schema.table` */
  readonly table: string;
  readonly policy: string;
}

const INVALID_NAME = 'POLICIES_MIGRATION_NAME';

interface PoliciesMigration {
  /** Path of the written file; undefined if no policy file changed, and if `mayDrop` said no. */
  readonly path: string | undefined;
  /** The policy files that changed, and that it contains. */
  readonly carried: readonly string[];
  /** What it takes away for good. */
  readonly dropped: readonly DroppedPolicy[];
  /** Removed files that earlier migrations contain: their policies stay until the table is dropped. */
  readonly gone: readonly string[];
}

interface PoliciesMigrationOptions {
  readonly migrations: string;
  readonly policies: string;
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  readonly clock: Clock;
  /** Asked before anything is written, if the migration would drop a policy for good. */
  readonly mayDrop: (dropped: readonly DroppedPolicy[]) => boolean | Promise<boolean>;
}

/**
 * Writes the next migration: the policy files that changed since the last migration that contains them.
 *
 * It drops every policy of these tables first, so that only those of the files are left.
 *
 * Each file is between `-- cdb: begin policies/FILE` and `-- cdb: end policies/FILE`.
 *
 * @throws UsageError `POLICIES_MIGRATION_NAME`.
 */
export async function writePoliciesMigration(options: PoliciesMigrationOptions): Promise<PoliciesMigration> {
  checkMigrationName(options.name, INVALID_NAME);
  const migrations = await readMigrationFiles(options.migrations);
  const files = await readPolicyFiles(options.policies);
  const carried = carriedSections(migrations);
  const changed = files.filter((each) => carried.get(each.file)?.trimEnd() !== section(each).trimEnd());
  const gone = [...carried.keys()].filter((name) => !files.some((each) => each.file === name));
  if (changed.length === 0) return { path: undefined, carried: [], dropped: [], gone };
  const dropped = droppedBy(changed, migrations);
  const facts = { carried: changed.map((each) => each.file), dropped, gone };
  if (dropped.length > 0 && !(await options.mayDrop(dropped))) return { path: undefined, ...facts };
  const text = [HEADER, ...changed.map(section)].join('\n');
  const path = await writeNewMigration(options, migrations, text);
  return { path, ...facts };
}

function droppedBy(
  changed: readonly PolicyFile[],
  migrations: readonly MigrationFile[],
): readonly DroppedPolicy[] {
  const before = knownPolicies(migrations.flatMap(({ statements }) => statements));
  return changed.flatMap((file) => {
    const table = `${file.schema}.${file.table}`;
    const after = knownPolicies(splitStatements(file.text)).get(table);
    const lost = [...(before.get(table) ?? [])].filter((policy) => after?.has(policy) !== true);
    return lost.map((policy) => ({ table, policy }));
  });
}

const HEADER = '-- Written by `cdb policies migration`. The source of truth is supabase/policies.\n';

/** The text of each policy file in the newest migration that contains it, by file name. */
export function carriedSections(migrations: readonly MigrationFile[]): ReadonlyMap<string, string> {
  const carried = new Map<string, string>();
  for (const migration of migrations) {
    for (const [whole, name] of migration.text.matchAll(SECTION))
      if (name !== undefined) carried.set(name, whole);
  }
  return carried;
}

const SECTION = /^-- cdb: begin policies\/(\S+)\n[\s\S]*?^-- cdb: end policies\/\1$/gm;

export function section(file: PolicyFile): string {
  return `-- cdb: begin policies/${file.file}\n${clearPolicies(file)}\n${file.text}-- cdb: end policies/${file.file}\n`;
}
