import { ConnectionError, type DatabaseError, OverloadedError } from '../../contract/errors.ts';
import type { PoolerVerdict } from './pooler-errors.ts';

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
