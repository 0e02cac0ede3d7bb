import { readNames } from './sql-names.ts';
import type { SqlStatement } from './sql-statements.ts';

/** The names of the policies of each table, `schema.table`, as scripts leave them. */
type KnownPolicies = ReadonlyMap<string, ReadonlySet<string>>;

/** As `clearPolicies` writes it. */
const CLEAR = /^do \$cdb\$[\s\S]+from pg_catalog\.pg_policy where polrelid = '([^']+)'::regclass loop/;

/**
 * Reads which policies the statements of all migrations leave behind, oldest first. A table without a schema is taken to be in
 * `public`. What functions and `do` blocks do is not followed, nor that a table is dropped, renamed or moved.
 */
export function knownPolicies(statements: readonly SqlStatement[]): KnownPolicies {
  const tables = new Map<string, Set<string>>();
  for (const { command, words } of statements) {
    const cleared = words[0] === 'do' ? CLEAR.exec(command)?.[1] : undefined;
    if (cleared !== undefined) tables.delete(cleared);
    if (words[1] === 'policy') follow(command, tables);
  }
  return tables;
}

function follow(command: string, tables: Map<string, Set<string>>): void {
  const read = readNames(command);
  const action = ['create', 'drop', 'alter'].find((word) => read.word(word));
  if (action === undefined || !read.word('policy')) return;
  if (action === 'drop' && read.word('if')) read.word('exists');
  const policy = read.name();
  const table = read.word('on') ? read.qualifiedName() : undefined;
  if (policy === undefined || table === undefined) return;
  const policies = policiesOf(tables, `${table.schema ?? 'public'}.${table.name}`);
  if (action === 'create') policies.add(policy);
  else if (action === 'drop') policies.delete(policy);
  else if (read.word('rename') && read.word('to')) {
    const renamed = read.name();
    if (renamed === undefined) return;
    policies.delete(policy);
    policies.add(renamed);
  }
}

function policiesOf(tables: Map<string, Set<string>>, table: string): Set<string> {
  const policies = tables.get(table) ?? new Set();
  tables.set(table, policies);
  return policies;
}
