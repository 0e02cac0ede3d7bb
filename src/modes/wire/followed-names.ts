/**
 * A statement that, sent as a named one, tells whether the pooler follows names: PgBouncer then gives it a name of its own,
 * `PGBOUNCER_` and a number. Under any other name another client's statement could run in place of ours. It returns one
 * text column, which is 'true' or 'false'.
 *
 * @param random - from 0 to below 1. The text holds it, so that it finds itself alone, not what was left on the server
 */
export function followedNames(random: number): string {
  const mark = `cdb_followed_names_${Math.floor(random * 2 ** 48).toString(16)}`;
  return `select (pg_catalog.count(*) > 0
  and pg_catalog.bool_and(p.name ~ '^PGBOUNCER_[0-9]+$'))::pg_catalog.text
from pg_catalog.pg_prepared_statements p where pg_catalog.strpos(p.statement, '${mark}') > 0`;
}

/** So many refused names within so long are no accident, such as a pooler that was restarted. */
const MAX_FAULTS = 3;
const WITHIN_MS = 60_000;

/** Counts the names that a pooler did not know, or knew already (26000, 42P05). */
export class NameFaults {
  #times: readonly number[] = [];

  /** True where names are to be given up. */
  add(now: number): boolean {
    this.#times = [...this.#times, now].filter((time) => time > now - WITHIN_MS);
    return this.#times.length >= MAX_FAULTS;
  }
}
