import type { SqlStatement } from './sql-statements.ts';

/** The names of the policies of each table, `schema.table`, as scripts leave them. */
type KnownPolicies = ReadonlyMap<string, ReadonlySet<string>>;

const NAME = String.raw`("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const TABLE = String.raw`(?:${NAME}\s*\.\s*)?${NAME}`;
const CREATE = new RegExp(String.raw`^create\s+policy\s+${NAME}\s+on\s+${TABLE}`, 'iu');
const DROP = new RegExp(String.raw`^drop\s+policy\s+(?:if\s+exists\s+)?${NAME}\s+on\s+${TABLE}`, 'iu');
const RENAME = new RegExp(
  String.raw`^alter\s+policy\s+${NAME}\s+on\s+${TABLE}\s+rename\s+to\s+${NAME}`,
  'iu',
);
/** As `clearPolicies` writes it. */
const CLEAR = /^do \$cdb\$[\s\S]+from pg_catalog\.pg_policy where polrelid = '([^']+)'::regclass loop/;

/**
 * Reads which policies the statements of all migrations leave behind, oldest first. What functions, `do` blocks and
 * `drop table` do is not followed.
 */
export function knownPolicies(statements: readonly SqlStatement[]): KnownPolicies {
  const tables = new Map<string, Set<string>>();
  for (const { command } of statements) {
    const cleared = CLEAR.exec(command)?.[1];
    if (cleared !== undefined) tables.delete(cleared);
    const [, created = '', createdIn, createdOn] = CREATE.exec(command) ?? [];
    if (createdOn !== undefined) policiesOf(tables, createdIn, createdOn).add(nameOf(created));
    const [, dropped = '', droppedIn, droppedOn] = DROP.exec(command) ?? [];
    if (droppedOn !== undefined) policiesOf(tables, droppedIn, droppedOn).delete(nameOf(dropped));
    const [, before = '', renamedIn, renamedOn, after = ''] = RENAME.exec(command) ?? [];
    if (renamedOn === undefined) continue;
    const policies = policiesOf(tables, renamedIn, renamedOn);
    policies.delete(nameOf(before));
    policies.add(nameOf(after));
  }
  return tables;
}

function policiesOf(
  tables: Map<string, Set<string>>,
  schema: string | undefined,
  table: string,
): Set<string> {
  const key = `${schema === undefined ? 'public' : nameOf(schema)}.${nameOf(table)}`;
  const policies = tables.get(key) ?? new Set();
  tables.set(key, policies);
  return policies;
}

function nameOf(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase();
}
