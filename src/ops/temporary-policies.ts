import { TEMPORARY_POLICY } from '../consolidated/own-schema/temporary-policy.ts';
import type { AdminConnection } from '../modes/index.ts';

/** A policy of `cdb policies open-temporarily`. */
export interface TemporaryPolicy {
  /** `schema.table`, quoted as Postgres quotes it. */
  readonly table: string;
  readonly policy: string;
  readonly command: 'select' | 'insert' | 'update' | 'delete';
  readonly role: string;
  /** ISO 8601 in UTC; null if its condition was changed by hand. */
  readonly until: string | null;
  /** By the clock of the database; null if its condition was changed by hand. */
  readonly secondsLeft: number | null;
}

const TEMPORARY = `
with temporary as (
  select c.oid as relation, p.polname, p.polcmd, p.polroles, substring(
    pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid)
    from '^\\(clock_timestamp\\(\\) < ''([^'']+)''::timestamp with time zone\\)$')::timestamptz as until
  from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
  where starts_with(p.polname::text, '${TEMPORARY_POLICY}')
)
select format('%I.%I', n.nspname, c.relname) as "table", t.polname::text as policy,
  case t.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end as command,
  coalesce((select string_agg(r.rolname, ', ') from pg_catalog.pg_roles r where r.oid = any (t.polroles)), 'public') as role,
  to_char(t.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until,
  ceil(extract(epoch from t.until - clock_timestamp()))::float8 as "secondsLeft"
from temporary t
join pg_catalog.pg_class c on c.oid = t.relation
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
order by 1, 2`;

/** All of the database, also those that have expired. */
export function temporaryPolicies(connection: AdminConnection): Promise<readonly TemporaryPolicy[]> {
  return connection.query<TemporaryPolicy>(TEMPORARY);
}
