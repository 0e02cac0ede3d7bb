import { own } from '../../contract/own-property.ts';
import { withoutValues } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';

interface StatementFault {
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * What Postgres says about a statement that it refuses, as far as a caller may read it.
 *
 * Its message may quote a value: a function may have made SQL of it (`execute`), and `$1::regclass` looks up a name that
 * is one. It quotes only the text of the statement where it says a position in that text, and no function was running.
 * Otherwise the fault is named by its SQLSTATE.
 *
 * @param trusted the SQL is an operator's: nothing is kept from who runs it
 */
export function statementFault(error: ServerMessage, trusted = false): StatementFault {
  const message = withoutValues(error.message);
  if (trusted) return { message, hint: error.hint };
  const ownText = error.position !== undefined && error.where === undefined;
  if (WRITES_IN_STABLE.test(error.message ?? '')) return { message, hint: DECLARE_VOLATILE };
  if (!ownText) {
    const code = error.code ?? '';
    const name = own(CONDITIONS, code);
    return { message: name === undefined ? `SQLSTATE ${code}` : `${name} (SQLSTATE ${code})`, hint: SEE_LOG };
  }
  // "Perhaps you meant to reference the column …" names columns without a look at the rights of the role.
  return { message, hint: error.code === UNDEFINED_COLUMN ? undefined : error.hint };
}

const UNDEFINED_COLUMN = '42703';
/** It has the name of a command, and no value. A function writes by SQL, so that there is no position of the statement's own. */
const WRITES_IN_STABLE = /^[A-Z ]+ is not allowed in a non-volatile function$/;
const DECLARE_VOLATILE = 'Declare the function as volatile: one that is stable or immutable may not write.';
export const SEE_LOG =
  "The server's log has the whole message. It is not passed on, because it may quote values.";

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CONDITIONS: Readonly<Record<string, string>> = {
  '0A000': 'it is not supported',
  '21000': 'more than one row where one was expected',
  '25001': 'it cannot run inside a transaction',
  '25P01': 'it needs a transaction',
  '25P02': 'the transaction has failed',
  '26000': 'the prepared statement does not exist',
  '3F000': 'a schema does not exist',
  '42601': 'syntax error',
  '42602': 'invalid name',
  '42611': 'invalid column definition',
  '42622': 'a name is too long',
  '42701': 'the column already exists',
  '42702': 'a column is ambiguous',
  '42703': 'a column does not exist',
  '42704': 'an object does not exist',
  '42710': 'the object already exists',
  '42723': 'the function already exists',
  '42725': 'a function is ambiguous',
  '42803': 'a column is neither grouped nor aggregated',
  '42804': 'the types do not match',
  '42809': 'the object is of another kind',
  '42830': 'invalid foreign key',
  '42846': 'a type cannot be cast to another',
  '42883': 'a function or operator does not exist',
  '428C9': 'the column is generated',
  '42939': 'the name is reserved',
  '42P01': 'a table does not exist',
  '42P02': 'a parameter does not exist',
  '42P03': 'the cursor already exists',
  '42P04': 'the database already exists',
  '42P05': 'the prepared statement already exists',
  '42P06': 'the schema already exists',
  '42P07': 'the table already exists',
  '42P10': 'no such column, or no unique key for "on conflict"',
  '42P13': 'invalid function definition',
  '42P16': 'invalid table definition',
  '42P17': 'invalid object definition',
  '42P18': 'the type of a value is not known',
  '42P19': 'invalid recursion',
  '55000': 'the object is not in the state that this needs',
  P0002: 'no row where one was expected',
  P0003: 'more than one row where one was expected',
};
