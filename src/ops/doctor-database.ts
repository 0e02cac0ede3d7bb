import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { lintExposedRelations } from './lint-relations.ts';
import { lintTemporaryPolicies } from './lint-temporary-policies.ts';

const OLDEST = 150_000;

/** What all modes share: version, extensions, and tables or views that expose more than they should. */
export async function examineDatabase(
  connection: AdminConnection,
  exposedSchemas: readonly string[],
): Promise<readonly Report[]> {
  return [
    ...(await version(connection)),
    ...(await extensions(connection)),
    ...(await exposure(connection, exposedSchemas)),
  ];
}

async function version(connection: AdminConnection): Promise<readonly Report[]> {
  const [row] = await connection.query<{ number: number; text: string }>(
    "select current_setting('server_version_num')::int4 as number, current_setting('server_version') as text",
  );
  if (row === undefined) return [];
  if (row.number >= OLDEST) return [{ level: 'ok', check: 'version', message: `PostgreSQL ${row.text}` }];
  return [
    {
      level: 'error',
      check: 'version',
      message: `PostgreSQL ${row.text} is older than 15`,
      advice: 'Upgrade to PostgreSQL 15 or newer: views with security_invoker and other features need it.',
    },
  ];
}

async function extensions(connection: AdminConnection): Promise<readonly Report[]> {
  const [vector] = await connection.query<{ schema: string; version: string }>(
    `select n.nspname::text as schema, e.extversion as version
     from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'vector'`,
  );
  if (vector === undefined) {
    return [
      {
        level: 'info',
        check: 'extension',
        message: 'pgvector is not installed: vectorSearch and hybridSearch are not available',
        advice: 'create extension vector with schema extensions;',
      },
    ];
  }
  const message = `pgvector ${vector.version} in schema ${vector.schema}`;
  if (vector.schema !== 'public') return [{ level: 'ok', check: 'extension', message }];
  return [
    {
      level: 'warning',
      check: 'extension',
      message,
      advice: 'alter extension vector set schema extensions;',
    },
  ];
}

async function exposure(connection: AdminConnection, schemas: readonly string[]): Promise<readonly Report[]> {
  const { relations, findings } = await lintExposedRelations(connection, schemas);
  const reports = [
    // Said once: that its row level security is off.
    ...findings.filter(({ code }) => code !== 'policy_exists_rls_disabled'),
    ...(await lintTemporaryPolicies(connection)),
  ].map(({ level, message, advice }): Report => ({ level, check: 'row level security', message, advice }));
  if (reports.some((each) => each.level !== 'info')) return reports;
  const message =
    relations === 0
      ? `No tables in ${schemas.join(', ')}`
      : `On for all ${relations} relations in ${schemas.join(', ')}`;
  return [{ level: 'ok', check: 'row level security', message }, ...reports];
}
