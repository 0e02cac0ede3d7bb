import { describe, expect, it } from 'vitest';
import { serverMessage } from '../../../test/support/server-message.ts';
import { connectTimedOut, translateConnectError } from './connect-errors.ts';
import { parseConnectionUrl } from './connection-settings.ts';

const POOLER = 'aws-0-eu.pooler.supabase.com';
const target = (url: string) => parseConnectionUrl('session', url, 'app');
const fatal = (code: string, message: string, routine?: string) =>
  serverMessage({ code, message, severity: 'FATAL', routine });

describe('a login that is refused', () => {
  it.each([
    ['28P01', 'auth_failed', 'LOGIN_REFUSED', 'wrong user or password', "'cdb init --rotate'"],
    ['28000', 'InitializeSessionUserId', 'LOGIN_REFUSED', 'may not connect this way', 'pg_hba.conf'],
    ['3D000', 'InitPostgres', 'NO_SUCH_DATABASE', 'does not exist', 'at the end of the URL'],
  ])('by the server, %s, says what was tried and what to do', (sqlState, routine, code, message, hint) => {
    const cause = fatal(sqlState, 'role "cdb_user" was refused', routine);
    const error = translateConnectError(cause, target('postgres://cdb_user:s3cret@db.example:6000/app'));
    expect(error).toMatchObject({ name: 'ConnectionError', code, sqlState, outcome: 'not-applied' });
    expect(error.message).toContain(message);
    expect(error.message).toContain(
      `Tried: the login "cdb_user" for the database "app" at db.example:6000 (URL of the option 'session').`,
    );
    expect(error.hint).toContain(hint);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  it.each([
    [
      'XX000',
      '(ENOTFOUND) tenant/user cdb_user.abc not found',
      'LOGIN_REFUSED',
      'behind the dot in the user',
    ],
    ['XX000', 'Tenant or user not found', 'LOGIN_REFUSED', 'behind the dot in the user'],
    ['XX000', '(ENOIDENTIFIER) no tenant identifier', 'LOGIN_REFUSED', 'behind the dot in the user'],
    ['XX000', '(EAUTHQUERY) user not found', 'LOGIN_REFUSED', "'cdb init' creates"],
    ['XX000', '(EADDRNOTALLOWED) address not allowed', 'LOGIN_REFUSED', 'network restrictions'],
    ['XX000', '(ESSLREQUIRED) SSL connection is required', 'LOGIN_REFUSED', "'sslmode=disable'"],
    ['XX000', '(ECIRCUITBREAKER) too many failed logins', 'LOGIN_BANNED', 'wait 120 s'],
    ['08P01', 'no such user: nobody', 'LOGIN_REFUSED', 'The pooler knows no such user'],
    ['08P01', 'no such database: nowhere', 'LOGIN_REFUSED', 'The pooler has no such database'],
    ['08P01', 'SASL authentication failed', 'LOGIN_REFUSED', 'Correct the user'],
  ])('by a pooler, %s %s, says so too', (sqlState, message, code, hint) => {
    const url = `postgres://cdb_user.abc:s3cret@${POOLER}:5432/app`;
    const error = translateConnectError(fatal(sqlState, message), target(url));
    expect(error).toMatchObject({ name: 'ConnectionError', code, sqlState, outcome: 'not-applied' });
    expect(error.message).toContain(`the login "cdb_user.abc" for the database "app" at ${POOLER}:5432`);
    expect(error.hint).toContain(hint);
  });

  it("tells that the user lacks the project's ref, behind Supabase's pooler", () => {
    const url = `postgres://cdb_user:s3cret@${POOLER}:5432/app`;
    const error = translateConnectError(fatal('28P01', 'password authentication failed'), target(url));
    expect(error.hint).toContain("the login and the project's ref");
  });

  it('leaves a pooler without room, and a server that is starting, as they are', () => {
    const room = translateConnectError(
      fatal('XX000', '(EMAXCONN) max client connections reached'),
      target('postgres://a:b@h/d'),
    );
    expect(room).toMatchObject({ name: 'OverloadedError', code: 'POOLER_OVERLOADED' });
    const starting = translateConnectError(fatal('57P03', 'starting up', 'x'), target('postgres://a:b@h/d'));
    expect(starting).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  });
});

describe('a host that does not answer', () => {
  const failure = (code: string) => Object.assign(new Error('connect failed'), { code });

  it.each([
    ['ECONNREFUSED', 'h', 'Nothing accepts connections there'],
    ['EHOSTUNREACH', 'h', 'lets this process through'],
    ['ENETUNREACH', 'db.abc.supabase.co', 'IPv6'],
    ['ENOTFOUND', 'db.abc.supabase.co', 'IPv6'],
    ['ENOTFOUND', 'h.example', 'Correct the host'],
  ])('%s of %s has its own advice', (code, host, hint) => {
    const error = translateConnectError(failure(code), target(`postgres://a:s3cret@${host}:5432/d`));
    expect(error.message).toContain(`Tried: the login "a" for the database "d" at ${host}:5432`);
    expect(error.hint).toContain(hint);
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });

  it('within the time is named too', () => {
    const settings = parseConnectionUrl(
      'session',
      'postgres://a:s3cret@h:1/d',
      'app',
      {},
      "URL derived from the option 'service.transaction'",
    );
    expect(connectTimedOut(settings, 300).message).toBe(
      `Could not connect to h:1 within 300 ms. Tried: the login "a" for the database "d" at h:1 (URL derived from the option 'service.transaction').`,
    );
  });
});
