/**
 * How a write with `expect` fails on the server when it touches another number of rows: by the cast to bigint of a text
 * that is no number, SQLSTATE 22P02. There is no other way in plain SQL to end a statement, and with it the
 * transaction, and to say why.
 */
const MARK = 'cdb:expect:';

/**
 * SQL of the number of rows, for the select list of an aggregate over the touched ones.
 *
 * @param expected SQL of the number that is expected, a bigint
 */
export function checkedCount(expected: string): string {
  return `case when count(*) = ${expected} then count(*) else ('${MARK}' || count(*) || ':' || ${expected})::int8 end`;
}

/**
 * The text as Postgres quotes it, in whatever language, as the value and the whole value of its message. Nothing
 * that is refused by another type than bigint gets here, because a colon stands behind the name of the type.
 */
const FAILED = new RegExp(`^[^:]*\\bbigint\\b\\W{1,20}${MARK}(\\d+):(\\d+)\\W{0,2}$`);

/** The numbers of a failed check; undefined for all other errors. */
export function failedExpectation(
  sqlState: string | undefined,
  message: string | undefined,
): { readonly touched: string; readonly expected: string } | undefined {
  if (sqlState !== '22P02') return undefined;
  const [, touched, expected] = FAILED.exec(message ?? '') ?? [];
  return touched === undefined || expected === undefined ? undefined : { touched, expected };
}
