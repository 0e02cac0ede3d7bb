import { randomBytes } from 'node:crypto';

/**
 * How a write with `expect` fails on the server when it affects another number of rows: it casts to bigint a text that is
 * not a number, SQLSTATE 22P02. In plain SQL there is no other way to end a statement, and with it the transaction,
 * and to give the reason.
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

/**
 * The text as Postgres quotes it in its message, in any language. An error of another type than bigint does not
 * match, because the name of the type is followed by a colon.
 */
const FAILED = new RegExp(`^[^:]*\\bbigint\\b\\W{1,20}${EXPECTATION_MARK}(\\d+):(\\d+)\\W{0,2}$`);

/** The numbers of a failed check; undefined for all other errors. */
export function failedExpectation(
  sqlState: string | undefined,
  message: string | undefined,
): { readonly touched: string; readonly expected: string } | undefined {
  if (sqlState !== '22P02') return undefined;
  const [, touched, expected] = FAILED.exec(message ?? '') ?? [];
  return touched === undefined || expected === undefined ? undefined : { touched, expected };
}
