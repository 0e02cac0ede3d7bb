import type { Clock } from '../contract/clock.ts';
import { type NamedTable, quotedText, tableLiteral } from './named-tables.ts';
import { ownSchemaSql, writeOwnSchemaMigration } from './own-schema-migration.ts';

interface AuditedTables {
  readonly tables: readonly NamedTable[];
  /** Columns whose values are not kept, such as hashes of keys. Each table must have them. */
  readonly exclude: readonly string[];
  /** Record their changes from now on, or no longer. */
  readonly record: boolean;
}

/** The migration as text. It may be run again, also to exclude other columns. */
export function auditTriggersSql({ tables, exclude, record }: AuditedTables): string {
  const columns = exclude.length === 0 ? '' : `, array[${exclude.map(quotedText).join(', ')}]`;
  return ownSchemaSql({
    command: 'audit tables',
    version: 3,
    needs: 'cdb.audit_table(regclass, text[])',
    calls: tables.map((table) =>
      record
        ? `cdb.audit_table(${tableLiteral(table)}${columns})`
        : `cdb.unaudit_table(${tableLiteral(table)})`,
    ),
  });
}

const INVALID_NAME = 'AUDIT_MIGRATION_NAME';

interface AuditTriggersOptions extends AuditedTables {
  readonly migrations: string;
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  readonly clock: Clock;
}

/**
 * Writes the next migration: it lets the tables record their changes in the audit, or no longer. Returns its path.
 *
 * @throws UsageError `AUDIT_MIGRATION_NAME`
 */
export function writeAuditTriggers({
  migrations,
  name,
  clock,
  ...audited
}: AuditTriggersOptions): Promise<string> {
  return writeOwnSchemaMigration({ migrations, name, clock }, auditTriggersSql(audited), INVALID_NAME);
}
