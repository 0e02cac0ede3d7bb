import { ConnectionError, type DatabaseError, type DatabaseErrorDetails } from '../../contract/errors.ts';

/** What the server says of a login that it does not let in, by its SQLSTATE; undefined for all others. */
export function loginRefusal(sqlState: string, details: DatabaseErrorDetails): DatabaseError | undefined {
  if (sqlState === '3D000') {
    return new ConnectionError('The database in the URL does not exist.', {
      ...details,
      code: 'NO_SUCH_DATABASE',
      hint: "Correct the name at the end of the URL; without one it is that of the user. On Supabase it is 'postgres'.",
    });
  }
  if (!sqlState.startsWith('28')) return undefined;
  const { message, hint } = REFUSALS[sqlState] ?? OTHERS;
  return new ConnectionError(message, { ...details, code: 'LOGIN_REFUSED', hint });
}

interface Refusal {
  readonly message: string;
  readonly hint: string;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  '28P01': {
    message: 'The server refused the login: wrong user or password.',
    hint: "Correct the user and the password in the URL. 'cdb init --rotate' gives the logins of the service new passwords and prints their URLs.",
  },
  '28000': {
    message: 'The server refused the login: this user may not connect this way.',
    hint: 'Check that the role exists and may log in, and that the server takes it from this address: its pg_hba.conf, or the network restrictions of the project.',
  },
};

const OTHERS: Refusal = { message: 'The server refused the login.', hint: 'Check the user in the URL.' };
