import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import { momentOf } from './moment.ts';
import type { NamedTable } from './named-tables.ts';
import { type TemporaryPolicy, temporaryPolicies } from './temporary-policies.ts';

interface Opening {
  readonly table: NamedTable;
  readonly role: string;
  /** `select`, `insert`, `update` or `delete`. */
  readonly command: string;
  /** `30m`, `2h`, or a time in ISO 8601 with its zone. Within 24 hours, by the clock of the database. */
  readonly until: string;
  /** For the audit. */
  readonly reason: string;
  /** Also if callers who have not signed in have the rights of the role. @defaultValue false */
  readonly evenAnonymous?: boolean;
}

interface Opened {
  readonly policy: string;
  /** ISO 8601 in UTC. */
  readonly until: string;
  /** Whether the role has the grant that the command needs too: without it the policy does nothing. */
  readonly isGranted: boolean;
}

/** Not longer than a production table may stand still for its lock. */
const LOCK_TIMEOUT = "set local lock_timeout = '2s'";

/**
 * Lets a role read or write all rows of a table until then, and writes that to the audit, in one transaction. Row level
 * security stays on: it is a policy whose condition ends by itself. Opened again, it ends at the new time.
 *
 * It takes an exclusive lock on the table for a moment, and gives up if it cannot acquire one within two seconds.
 *
 * @throws UsageError `OPENING_REFUSED`, `OPENING_END`; ConfigurationError `OWN_SCHEMA_MISSING`; TimeoutError `LOCK_NOT_AVAILABLE`.
 *
 * @example
 * ```ts
 * const table = { schema: 'public', table: 'trips' };
 * await openTemporarily(connection, { table, role: 'support', command: 'select', until: '30m', reason: 'Incident 12' });
 * ```
 */
export async function openTemporarily(connection: AdminConnection, opening: Opening): Promise<Opened> {
  const { table, role, command, reason } = opening;
  const { at, seconds } = momentOf(opening.until, INVALID_END);
  return inTransaction(connection, async () => {
    const [opened] = await connection.query<Opened>(
      `select o.policy, to_char(o.ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until,
         o.is_granted as "isGranted"
       from cdb.open_temporarily($1::regclass, $2::text, $3::text,
         coalesce($4::timestamptz, clock_timestamp() + make_interval(secs => $5::float8)), $6::text, $7::boolean) o`,
      [nameOf(table), role, command, at, seconds, reason, opening.evenAnonymous ?? false],
    );
    if (opened === undefined) throw new Error('cdb.open_temporarily() returned no row.');
    return opened;
  });
}

interface Closing {
  /** Those of this table; all if undefined. */
  readonly table?: NamedTable | undefined;
  readonly role?: string | undefined;
  /** Only those that have ended already. @defaultValue false */
  readonly expired?: boolean;
  /** For the audit. */
  readonly reason?: string | undefined;
}

/**
 * Drops temporary policies at once, and writes that to the audit. Returns those that it dropped.
 *
 * @throws ConfigurationError `OWN_SCHEMA_MISSING`; TimeoutError `LOCK_NOT_AVAILABLE`.
 */
export async function closeTemporary(
  connection: AdminConnection,
  { table, role, expired, reason }: Closing,
): Promise<readonly TemporaryPolicy[]> {
  return inTransaction(connection, async () => {
    const [named] =
      table === undefined ? [] : await connection.query<{ name: string }>(NAME, [nameOf(table)]);
    const found = (await temporaryPolicies(connection)).filter(
      (each) =>
        (named === undefined || each.table === named.name) &&
        (role === undefined || each.role === role) &&
        (expired !== true || (each.secondsLeft !== null && each.secondsLeft <= 0)),
    );
    for (const each of found) {
      await connection.query('select cdb.close_temporary($1::regclass, $2::text, $3::text)', [
        each.table,
        each.policy,
        reason ?? null,
      ]);
    }
    return found;
  });
}

const NAME = `select format('%I.%I', n.nspname, c.relname) as name
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = $1::regclass`;

function nameOf({ schema, table }: NamedTable): string {
  return `${quotedName(schema)}.${quotedName(table)}`;
}

const INVALID_END = 'OPENING_END';

async function inTransaction<T>(connection: AdminConnection, work: () => Promise<T>): Promise<T> {
  await connection.script(`begin; ${LOCK_TIMEOUT}`);
  try {
    const result = await work();
    await connection.script('commit');
    return result;
  } catch (error) {
    await connection.script('rollback');
    throw error;
  }
}
