import { createClient } from '@supabase/supabase-js';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AuthService, supabaseAuth } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { refusalOf } from '../truth/every-mode.ts';
import { FakeSupabaseAuth } from './fake-supabase-auth.ts';

const wrong = { name: 'AuthenticationError', code: 'INVALID_CREDENTIALS', statusCode: 401 };
const ended = { name: 'AuthenticationError', code: 'SESSION_INVALID', statusCode: 401 };

describe('sign-in by supabase-js', () => {
  let fake: FakeSupabaseAuth;
  let auth: AuthService;
  let clients = 0;

  beforeEach(async () => {
    fake = new FakeSupabaseAuth();
    onTestFinished(() => fake[Symbol.asyncDispose]());
    const url = await fake.start();
    clients = 0;
    auth = supabaseAuth({
      clock: new FakeClock(),
      client: () => {
        clients += 1;
        return createClient(url, 'a-public-key', {
          auth: { persistSession: false, autoRefreshToken: false },
        });
      },
    });
  });

  const signIn = () => auth.login({ email: 'Ana@example.org', password: fake.password });

  it('gives the tokens of Supabase Auth, and the identity in them', async () => {
    const session = await signIn();
    expect(session.identity.claims).toMatchObject({ sub: fake.userId, role: 'authenticated' });
    expect(Date.parse(session.expiresAt)).toBe((session.identity.claims.exp ?? 0) * 1_000);
    const next = await auth.refresh(session.refreshToken);
    expect(next.refreshToken).not.toBe(session.refreshToken);
    expect(await refusalOf(() => auth.refresh(session.refreshToken))).toMatchObject(ended);
    expect(await refusalOf(() => auth.refresh(''))).toMatchObject(ended);
  });

  it('is of one client each, so that nobody acts as who signed in before', async () => {
    await Promise.all([signIn(), signIn()]);
    expect(clients).toBe(2);
  });

  it('ends a session by its access token, and by its refresh token where that has expired', async () => {
    await auth.logout(await signIn());
    expect(fake.openSessions).toBe(0);
    const expired = await signIn();
    fake.aheadMs = 7_200_000;
    await auth.logout(expired);
    expect([fake.openSessions, fake.requests.slice(-3)]).toEqual([
      0,
      [
        'POST /auth/v1/logout?scope=local',
        'POST /auth/v1/token?grant_type=refresh_token',
        'POST /auth/v1/logout?scope=local',
      ],
    ]);
    await auth.logout(expired);
  });

  it.each([
    [400, 'invalid_credentials'],
    [400, 'email_not_confirmed'],
    [403, 'user_banned'],
  ])('answers the same to %i %s', async (status, code) => {
    fake.fault = { status, body: { code, message: 'why' } };
    const error = await refusalOf(signIn);
    expect(error).toMatchObject({ ...wrong, message: 'The email or the password is wrong.' });
    expect(error.cause).toBeUndefined();
  });

  it.each([
    [429, { code: 'over_request_rate_limit' }, { name: 'ThrottledError', code: 'TOO_MANY_ATTEMPTS' }],
    [500, { code: 'unexpected_failure' }, { name: 'ConnectionError', code: 'AUTH_UNAVAILABLE' }],
    [503, {}, { name: 'ConnectionError', code: 'AUTH_UNAVAILABLE' }],
    [401, { message: 'Invalid API key' }, { name: 'ConfigurationError', code: 'AUTH_REFUSED' }],
    [422, { code: 'email_provider_disabled' }, { name: 'ConfigurationError', code: 'AUTH_REFUSED' }],
  ])('tells %i %j from a wrong password, and does not count it', async (status, body, expected) => {
    fake.fault = { status, body };
    for (let n = 0; n < 10; n++) expect(await refusalOf(signIn)).toMatchObject(expected);
    fake.fault = undefined;
    const session = await signIn();
    // The library itself tries a refresh again for half a minute where the server has a fault.
    if (status >= 500) return;
    fake.fault = { status, body };
    expect(await refusalOf(() => auth.refresh(session.refreshToken))).toMatchObject(expected);
  });

  it('tells that nobody answers', async () => {
    await fake[Symbol.asyncDispose]();
    expect(await refusalOf(signIn)).toMatchObject({ name: 'ConnectionError', code: 'AUTH_UNAVAILABLE' });
  });

  it('slows down who guesses before Supabase Auth is asked', async () => {
    const guess = () => refusalOf(() => auth.login({ email: fake.email, password: 'wrong' }));
    for (let n = 0; n < 5; n++) expect(await guess()).toMatchObject(wrong);
    expect(await guess()).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', statusCode: 429, retryAfterMs: 1_000 });
    expect(fake.requests).toHaveLength(5);
  });

  it('takes a function that makes clients, not a client', () => {
    const client = createClient('http://127.0.0.1:1', 'a-public-key');
    // @ts-expect-error one client would be shared by all who sign in
    expect(() => supabaseAuth({ client })).toThrow(/must be a function/);
  });
});
