import type { AdminConnection } from '../modes/index.ts';
import type { LintFinding } from './lint-finding.ts';
import { lintForeignKeys } from './lint-foreign-keys.ts';
import { lintFunctions } from './lint-functions.ts';
import { lintLogins } from './lint-logins.ts';
import { lintPolicies } from './lint-policies.ts';
import { lintExposedRelations } from './lint-relations.ts';
import { lintTemporaryPolicies } from './lint-temporary-policies.ts';

interface LintOptions {
  /** Schemas that are exposed to callers. @defaultValue ['public'] */
  readonly schemas?: readonly string[];
}

/** Of these only their functions are looked at. */
const OF_THE_SERVER: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema']);

const WEIGHT = { error: 0, warning: 1, info: 2 } as const;

/**
 * Finds what is wrong with the row level security of a database: tables, policies, functions, indexes and logins. It reads
 * the catalog, and changes nothing. The gravest findings come first.
 *
 * @example
 * ```ts
 * const findings = await lintRowLevelSecurity(connection, { schemas: ['public', 'billing'] });
 * ```
 */
export async function lintRowLevelSecurity(
  connection: AdminConnection,
  options: LintOptions = {},
): Promise<readonly LintFinding[]> {
  const exposed = options.schemas ?? ['public'];
  const schemas = exposed.filter((schema) => !OF_THE_SERVER.has(schema));
  const findings = [
    ...(await lintExposedRelations(connection, schemas)).findings,
    ...(await lintPolicies(connection, schemas)),
    ...(await lintTemporaryPolicies(connection)),
    ...(await lintFunctions(connection, exposed)),
    ...(await lintForeignKeys(connection, schemas)),
    ...(await lintLogins(connection, schemas)),
  ];
  return findings.sort((a, b) => WEIGHT[a.level] - WEIGHT[b.level]);
}
