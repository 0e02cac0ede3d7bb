import { own } from '../../contract/own-property.ts';
import type { ServerMessage } from './messages.ts';

/**
 * What a pooler's own error says about the statement. Poolers use misleading SQLSTATEs
 * (Supavisor mostly XX000, PgBouncer 08P01), so the message is checked first.
 */
export interface PoolerVerdict {
  readonly pooler: 'supavisor' | 'pgbouncer';
  /** Supavisor's code, or a short form of PgBouncer's message. */
  readonly fault: string;
  /** True when the statement cannot have run. */
  readonly nothingRan: boolean;
  readonly kind: 'overloaded' | 'unreachable' | 'refused' | 'banned' | 'lost';
}

const SUPAVISOR_CODE = /^\((E[A-Z]+)\) /;

const SUPAVISOR: Readonly<Record<string, PoolerVerdict['kind']>> = {
  EMAXCONN: 'overloaded',
  EMAXCONNSESSION: 'overloaded',
  ECHECKOUTTIMEOUT: 'overloaded',
  ECHECKOUTRETRIES: 'overloaded',
  EPOOLCHECKOUT: 'overloaded',
  ESUBSCRIBERETRIES: 'unreachable',
  EWORKERNOTFOUND: 'unreachable',
  EPROXY: 'unreachable',
  EAUTHQUERY: 'unreachable',
  EAUTHTIMEOUT: 'unreachable',
  ENOTFOUND: 'refused',
  ENOIDENTIFIER: 'refused',
  EINVALIDUSERINFO: 'refused',
  ESSLREQUIRED: 'refused',
  EADDRNOTALLOWED: 'refused',
  EBANNED: 'refused',
  ECIRCUITBREAKER: 'banned',
  EDBHANDLEREXITED: 'lost',
  ECLIENTSOCKETCLOSED: 'lost',
};

const PGBOUNCER: readonly (readonly [RegExp, PoolerVerdict['kind']])[] = [
  [/query_wait_timeout|no more connections allowed/, 'overloaded'],
  [/server login has been failing|pooler is shutting down|server_login_retry|connect failed/, 'unreachable'],
  [/SASL authentication failed|no such database|unsupported startup parameter|no such user/, 'refused'],
  [/server closed the connection|query_timeout|server conn crashed/, 'lost'],
];

/** The verdict, or undefined when the error is Postgres' own. */
export function judgePoolerError(error: ServerMessage): PoolerVerdict | undefined {
  // Postgres names the routine that raised an error; a pooler does not. So errors that an application raises are not affected.
  if (error.routine !== undefined) return undefined;
  const message = error.message ?? '';
  const code = SUPAVISOR_CODE.exec(message)?.[1];
  if (code !== undefined) {
    const kind =
      code === 'EAUTHQUERY' && message.includes('user not found')
        ? 'refused'
        : (own(SUPAVISOR, code) ?? 'lost');
    return { pooler: 'supavisor', fault: code, kind, nothingRan: kind !== 'lost' };
  }
  if (error.code === '08006' && message.startsWith('Failed to connect to database')) {
    return { pooler: 'supavisor', fault: 'no database connection', kind: 'unreachable', nothingRan: true };
  }
  // As Supavisor said it before its errors had codes.
  if (error.code === 'XX000' && message.startsWith('Tenant or user not found')) {
    return { pooler: 'supavisor', fault: 'tenant or user not found', kind: 'refused', nothingRan: true };
  }
  if (error.code === '08P01') {
    for (const [pattern, kind] of PGBOUNCER) {
      const fault = pattern.exec(message)?.[0];
      if (fault !== undefined) return { pooler: 'pgbouncer', fault, kind, nothingRan: kind !== 'lost' };
    }
  }
  return undefined;
}
