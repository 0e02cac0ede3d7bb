import type { AdminConnection } from '../modes/index.ts';
import { momentOf } from './moment.ts';
import type { NamedTable } from './named-tables.ts';

/** A row of `cdb.audit`. */
interface AuditEntry {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly transaction: string;
  readonly role: string;
  readonly login: string;
  readonly subject: string | null;
  readonly claims: object | null;
  readonly operation: string;
  /** `schema.table` */
  readonly table: string;
  readonly key: object | null;
  readonly before: object | null;
  readonly after: object | null;
  /** Columns that were set or changed, and whose values are not kept. */
  readonly excluded: readonly string[];
  readonly reason: string | null;
}

interface AuditQuestion {
  /** Of all tables, if undefined. */
  readonly table?: NamedTable | undefined;
  /** `24h`, `7d`, or a time in ISO 8601 with its zone. */
  readonly since?: string | undefined;
  /** The newest. @defaultValue 100 */
  readonly limit?: number | undefined;
}

const INVALID_SINCE = 'AUDIT_SINCE';

const ENTRIES = `
select a.id::text as id, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  a.transaction::text as transaction, a.role, a.login, a.subject, a.claims, a.operation,
  a.table_schema || '.' || a.table_name as "table", a.key, a.before, a.after, to_json(a.excluded) as excluded, a.reason
from cdb.audit a
where ($1::text is null or (a.table_schema = $1::text and a.table_name = $2::text))
  and a.at >= coalesce($3::timestamptz, clock_timestamp() - make_interval(secs => $4::float8), '-infinity')
order by a.id desc limit $5::int`;

/**
 * What was recorded, the newest first.
 *
 * @throws UsageError `AUDIT_SINCE`; AuthorizationError unless the login owns the schema `cdb`
 */
export function auditLog(
  connection: AdminConnection,
  { table, since, limit = 100 }: AuditQuestion,
): Promise<readonly AuditEntry[]> {
  const { at, seconds } = since === undefined ? { at: null, seconds: null } : momentOf(since, INVALID_SINCE);
  return connection.query<AuditEntry>(ENTRIES, [
    table?.schema ?? null,
    table?.table ?? null,
    at,
    seconds,
    limit,
  ]);
}
