import { describe, expect, it } from 'vitest';
import type { ServerMessage } from './messages.ts';
import { judgePoolerError } from './pooler-errors.ts';

const judge = (code: string, message: string, routine?: string) =>
  judgePoolerError({ severity: 'FATAL', code, message, routine } as ServerMessage);

describe("a pooler's own error", () => {
  it.each([
    ['(ECHECKOUTTIMEOUT) unable to check out', 'overloaded', true],
    ['(EWORKERNOTFOUND) no worker', 'unreachable', true],
    ['(EAUTHQUERY) authentication query failed', 'unreachable', true],
    ['(EAUTHQUERY) user not found', 'refused', true],
    ['(ENOTFOUND) tenant or user not found', 'refused', true],
    ['(ECIRCUITBREAKER) too many authentication errors', 'banned', true],
    ['(EDBHANDLEREXITED) connection to database closed', 'lost', false],
  ])('of Supavisor is judged by its code: %s', (message, kind, nothingRan) => {
    expect(judge('XX000', message)).toMatchObject({ pooler: 'supavisor', kind, nothingRan });
  });

  it('of Supavisor proves nothing where its code is not known', () => {
    expect(judge('XX000', '(ENEVERSEEN) whatever')).toMatchObject({
      fault: 'ENEVERSEEN',
      kind: 'lost',
      nothingRan: false,
    });
  });

  it.each([
    ['query_wait_timeout', 'overloaded', true],
    ['server login has been failing, try again later', 'unreachable', true],
    ['SASL authentication failed', 'refused', true],
    ['server closed the connection unexpectedly', 'lost', false],
    ['query_timeout', 'lost', false],
  ])('of PgBouncer is judged by its message: %s', (message, kind, nothingRan) => {
    expect(judge('08P01', message)).toMatchObject({ pooler: 'pgbouncer', kind, nothingRan });
  });

  it('is none of Postgres, and none that an application raises', () => {
    expect(judge('42P01', 'relation "trips" does not exist', 'parserOpenTable')).toBeUndefined();
    expect(judge('P0001', '(ENOTFOUND) no such trip', 'exec_stmt_raise')).toBeUndefined();
    expect(judge('08P01', 'query_timeout', 'exec_stmt_raise')).toBeUndefined();
    expect(judge('08P01', 'insufficient data left in message')).toBeUndefined();
  });
});
