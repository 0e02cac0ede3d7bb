import { ConnectionError, type DatabaseError, OverloadedError } from '../../contract/errors.ts';
import type { PoolerVerdict } from './pooler-errors.ts';

const TENANT =
  "Supavisor finds the project by what stands behind the dot in the user: 'cdb_user.abcdefghijkl'. Check it, and the region in the host.";

/** What to do about a refused login, by the pooler's fault. */
const REFUSED: Readonly<Record<string, string>> = {
  ENOTFOUND: TENANT,
  'tenant or user not found': TENANT,
  ENOIDENTIFIER: TENANT,
  EINVALIDUSERINFO: TENANT,
  ESSLREQUIRED: "The project takes connections by TLS only: remove 'sslmode=disable' from the URL.",
  EADDRNOTALLOWED: 'The network restrictions of the project do not let this address in.',
  EBANNED: 'The project has banned this address: lift the ban in its database settings.',
  EAUTHQUERY: "The database has no such login: 'cdb init' creates those of the service.",
  'no such database': 'The pooler has no such database: correct the name at the end of the URL.',
  'no such user': "The pooler knows no such user: correct the user in the URL, or let 'auth_query' find it.",
};

/** What a pooler refused by itself: nothing reached the server. */
export function poolerFailure(
  verdict: PoolerVerdict,
  kind: Exclude<PoolerVerdict['kind'], 'lost'>,
  sqlState: string | undefined,
): DatabaseError {
  const details = { sqlState };
  const who = verdict.pooler === 'supavisor' ? 'Supavisor' : 'PgBouncer';
  switch (kind) {
    case 'overloaded':
      return new OverloadedError(
        `${who} has no free connection (${verdict.fault}). Nothing was sent to the server.`,
        {
          ...details,
          code: 'POOLER_OVERLOADED',
          hint: 'Use fewer session connections per process, or raise the pool size of the pooler.',
        },
      );
    case 'unreachable':
      return new ConnectionError(`${who} cannot reach the database (${verdict.fault}).`, {
        ...details,
        code: 'POOLER_UNAVAILABLE',
      });
    case 'refused':
      return new ConnectionError(`${who} refused the login (${verdict.fault}).`, {
        ...details,
        code: 'LOGIN_REFUSED',
        hint: REFUSED[verdict.fault] ?? 'Correct the user, the password and the database in the URL.',
      });
    case 'banned':
      return new ConnectionError(
        `${who} blocks logins from this address for two minutes after failed logins (${verdict.fault}).`,
        {
          ...details,
          code: 'LOGIN_BANNED',
          hint: 'Correct the password, then wait 120 s.',
        },
      );
  }
}
