import { randomBytes } from 'node:crypto';

/**
 * How a write fails on the server when it affects other rows than it should: it casts to bigint a text that is not a
 * number, SQLSTATE 22P02. In plain SQL there is no other way to end a statement, and with it the transaction, and to give
 * the reason.
 *
 * The text begins with this mark, which is bound as a value: only this process knows it. So no value of a caller, cast to
 * bigint by a function or a trigger, can look like it.
 */
export const EXPECTATION_MARK = `cdb:expect:${randomBytes(16).toString('hex')}:`;

/**
 * SQL for the number of rows, for the select list of an aggregate over the affected rows.
 *
 * @param expected SQL of the expected number, a bigint
 * @param mark SQL of the mark, a text
 */
export function checkedCount(expected: string, mark: string): string {
  return `case when count(*) = ${expected} then count(*) else (${mark} || count(*) || ':' || ${expected})::int8 end`;
}

/** The same, for any number of rows but none. */
export function checkedPresence(mark: string): string {
  return `case when count(*) > 0 then count(*) else (${mark} || count(*) || ':some')::int8 end`;
}

/**
 * SQL for `value`, which is computed for a row that is written; the write fails unless the row meets the condition.
 *
 * The text of the error has a part of the row that is always empty: a constant would be computed when the statement is planned.
 *
 * @param condition SQL over the row as it is before the write
 * @param column SQL of any column of the row
 */
export function checkedValue(value: string, condition: string, column: string, mark: string): string {
  const failure = `pg_catalog.concat(${mark}, 'changed', pg_catalog.left(${column}::text, 0))::int8`;
  return `case when ${condition} then ${value} when ${failure} is null then null end`;
}

/**
 * The text as Postgres quotes it in its message, in any language. An error of another type than bigint does not
 * match, because the name of the type is followed by a colon.
 */
const FAILED = new RegExp(
  `^[^:]*\\bbigint\\b\\W{1,20}${EXPECTATION_MARK}(?:(\\d+):(\\d+|some)|changed)\\W{0,2}$`,
);

/** What a write met: another number of rows, no row, or a row that has changed. */
export type FailedExpectation =
  | { readonly kind: 'count'; readonly touched: string; readonly expected: string }
  | { readonly kind: 'none' | 'changed' };

/** Why a check failed; undefined for all other errors. */
export function failedExpectation(
  sqlState: string | undefined,
  message: string | undefined,
): FailedExpectation | undefined {
  if (sqlState !== '22P02') return undefined;
  const failed = FAILED.exec(message ?? '');
  if (failed === null) return undefined;
  const [, touched, expected] = failed;
  if (touched === undefined || expected === undefined) return { kind: 'changed' };
  return expected === 'some' ? { kind: 'none' } : { kind: 'count', touched, expected };
}
