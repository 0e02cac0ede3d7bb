import * as argon2 from '@node-rs/argon2';
import { hashSync } from '@node-rs/argon2';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Argon2,
  type ConsolidatedDatabaseService,
  type LocalAuth,
  type LocalAuthOptions,
  localAuth,
  service,
  ThrottledError,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeEveryMode, type EveryMode, MODES, refusalOf } from '../truth/every-mode.ts';

const SECRET = 'a secret of the tests of sign-in, thirty-two bytes or more';
const EMAIL = 'ana@example.org';
const PASSWORD = 'correct horse battery';
const JWT = { secret: SECRET, issuer: 'https://auth.example.org' };
const wrong = {
  name: 'AuthenticationError',
  code: 'INVALID_CREDENTIALS',
  message: 'The email or the password is wrong.',
  statusCode: 401,
};
const ended = { name: 'AuthenticationError', code: 'SESSION_INVALID', statusCode: 401 };

/** The real hashes, counted: what they take is what an answer takes. */
class CountedArgon2 implements Argon2 {
  verified: string[] = [];
  hashed = 0;

  hash(...given: Parameters<Argon2['hash']>): Promise<string> {
    this.hashed += 1;
    return argon2.hash(...given);
  }

  verify(...given: Parameters<Argon2['verify']>): Promise<boolean> {
    this.verified.push(given[0].slice(0, given[0].lastIndexOf('$', given[0].lastIndexOf('$') - 1)));
    return argon2.verify(...given);
  }
}

describeEveryMode('sign-in', { migrated: true, sql: '' }, (modes: EveryMode) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService<Database>;
    let auth: LocalAuth;
    let userId: string;
    const authWith = (options: Partial<LocalAuthOptions<Database['public']>> = {}): LocalAuth =>
      localAuth({ db: db.as(service()), jwt: JWT, ...options });

    beforeAll(() => {
      db = modes.service(mode, { jwt: JWT }) as ConsolidatedDatabaseService<Database>;
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(async () => {
      await modes.query(mode, 'delete from auth.users');
      auth = authWith();
      ({ userId } = await auth.register({ email: 'Ana@Example.org ', password: PASSWORD }));
    });

    const signIn = () => auth.login({ email: EMAIL, password: PASSWORD });

    it('gives tokens that the service accepts, and an identity', async () => {
      const session = await auth.login({ email: 'ANA@example.org', password: PASSWORD });
      const claims = {
        iss: JWT.issuer,
        sub: userId,
        aud: 'authenticated',
        role: 'authenticated',
        email: EMAIL,
        aal: 'aal1',
        amr: [{ method: 'password', timestamp: expect.any(Number) }],
        iat: expect.any(Number),
        exp: Date.parse(session.expiresAt) / 1_000,
        jti: expect.any(String),
      };
      expect(session.identity.claims).toEqual(claims);
      expect((await db.verify(session.accessToken)).claims).toEqual(claims);
      await modes.query(
        mode,
        `insert into public.profiles (id, username, email) values ('${userId}', 'ana', '${EMAIL}')`,
      );
      for (const mine of [db.withToken(session.accessToken), db.as(session.identity)]) {
        expect(await mine.select('profiles', { columns: ['id'] })).toEqual([{ id: userId }]);
      }
    });

    it('answers the same, for the same work, to an unknown email, a wrong password and a banned user', async () => {
      const counted = new CountedArgon2();
      auth = authWith({ argon2: counted });
      await signIn();
      counted.verified = [];
      counted.hashed = 0;
      const answers = [await refusalOf(() => auth.login({ email: EMAIL, password: 'wrong' }))];
      answers.push(await refusalOf(() => auth.login({ email: 'eve@example.org', password: PASSWORD })));
      await modes.query(mode, `update auth.users set banned_until = now() + interval '1 hour'`);
      answers.push(await refusalOf(signIn));
      await modes.query(mode, `update auth.users set banned_until = null, deleted_at = now()`);
      answers.push(await refusalOf(signIn));
      for (const answer of answers) {
        expect(answer).toMatchObject(wrong);
        expect(JSON.stringify(answer)).toBe(JSON.stringify(answers[0]));
        expect(answer.cause).toBeUndefined();
      }
      const COST = '$argon2id$v=19$m=19456,t=2,p=1';
      expect([counted.verified, counted.hashed]).toEqual([[COST, COST, COST, COST], 0]);
    });

    it('renews a session by a token that is good once, and ends it when one is used again', async () => {
      const first = await signIn();
      const second = await auth.refresh(first.refreshToken);
      expect(second.identity.claims).toMatchObject({
        sub: userId,
        email: EMAIL,
        amr: [{ method: 'password', timestamp: expect.any(Number) }],
      });
      expect(second.identity.claims.jti).not.toBe(first.identity.claims.jti);
      const third = await auth.refresh(second.refreshToken);
      expect(await refusalOf(() => auth.refresh(second.refreshToken))).toMatchObject(ended);
      expect(await refusalOf(() => auth.refresh(third.refreshToken))).toMatchObject(ended);
      expect(await modes.query(mode, 'select 1 from public.sign_in_sessions')).toEqual([]);
    });

    it('renews a session once, whoever tries at the same time', async () => {
      const { refreshToken } = await signIn();
      const tries = await Promise.allSettled(Array.from({ length: 4 }, () => auth.refresh(refreshToken)));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it.each([
      ['was logged out', (session: { refreshToken: string }) => auth.logout(session)],
      ['has expired', () => modes.query(mode, 'update public.sign_in_sessions set expires_at = now()')],
      ['has lost its user', () => modes.query(mode, 'delete from auth.users')],
      ['is of a banned user', () => modes.query(mode, `update auth.users set banned_until = 'infinity'`)],
    ])('renews no session that %s', async (_what, end) => {
      const session = await signIn();
      const other = await signIn();
      await end(session);
      expect(await refusalOf(() => auth.refresh(session.refreshToken))).toMatchObject(ended);
      if (_what === 'was logged out') await auth.refresh(other.refreshToken);
      await auth.logout(session);
    });

    it.each([
      '',
      'x',
      `${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`,
      `${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.${'A'.repeat(43)}`,
      undefined,
      { length: 1 },
    ])('renews nothing for %j', async (token) => {
      expect(await refusalOf(() => auth.refresh(token as string))).toMatchObject(ended);
      await auth.logout({ refreshToken: token as string });
    });

    it('changes a password, which ends all sessions', async () => {
      const sessions = [await signIn(), await signIn()];
      const changed = 'another horse, another battery';
      const change = { email: EMAIL, password: PASSWORD, newPassword: changed };
      expect(await refusalOf(() => auth.changePassword({ ...change, password: 'wrong' }))).toMatchObject(
        wrong,
      );
      await auth.changePassword(change);
      for (const { refreshToken } of sessions) {
        expect(await refusalOf(() => auth.refresh(refreshToken))).toMatchObject(ended);
      }
      expect(await refusalOf(signIn)).toMatchObject(wrong);
      await auth.login({ email: EMAIL, password: changed });
    });

    it('opens no session by a password that is changed while it is compared', async () => {
      const other = authWith();
      const slow: Argon2 = {
        hash: (...given) => argon2.hash(...given),
        async verify(...given) {
          const isRight = await argon2.verify(...given);
          await other.changePassword({ email: EMAIL, password: PASSWORD, newPassword: 'the new password' });
          return isRight;
        },
      };
      auth = authWith({ argon2: slow });
      expect(await refusalOf(signIn)).toMatchObject(wrong);
      expect(await modes.query(mode, 'select 1 from public.sign_in_sessions')).toEqual([]);
    });

    it('hashes a password again whose hash has other parameters', async () => {
      const old = hashSync(PASSWORD, { memoryCost: 8_192, timeCost: 3, parallelism: 1 });
      await modes.query(mode, `update public.sign_in_passwords set password_hash = '${old}'`);
      expect(await refusalOf(() => auth.login({ email: EMAIL, password: 'wrong' }))).toMatchObject(wrong);
      await signIn();
      const [row] = await modes.query<{ password_hash: string }>(
        mode,
        'select password_hash from public.sign_in_passwords',
      );
      expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      await signIn();
    });

    it('compares every character of a password, in whichever form it was typed', async () => {
      const long = `${'🐎'.repeat(255)}`;
      await auth.register({ email: 'long@example.org', password: `${long}a` });
      expect(
        await refusalOf(() => auth.login({ email: 'long@example.org', password: `${long}b` })),
      ).toMatchObject(wrong);
      expect(await refusalOf(() => auth.login({ email: 'long@example.org', password: long }))).toMatchObject(
        wrong,
      );
      await auth.login({ email: 'long@example.org', password: `${long}a` });
      await auth.register({ email: 'nul@example.org', password: 'before\0behind' });
      expect(
        await refusalOf(() => auth.login({ email: 'nul@example.org', password: 'before\0' })),
      ).toMatchObject(wrong);
      await auth.register({ email: 'zoe@example.org', password: 'Zoë ﬁnds it' });
      await auth.login({ email: 'zoe@example.org', password: 'Zoe\u0308 finds it' });
    });

    it('registers an email once, also one that has no password', async () => {
      expect(await refusalOf(() => auth.register({ email: EMAIL, password: PASSWORD }))).toMatchObject({
        name: 'UniqueConstraintError',
      });
      await modes.query(
        mode,
        `insert into auth.users (id, email) values (gen_random_uuid(), 'eve@example.org')`,
      );
      expect(
        await refusalOf(() => auth.register({ email: 'eve@example.org', password: PASSWORD })),
      ).toMatchObject({ name: 'UniqueConstraintError' });
      expect(
        await refusalOf(() => auth.login({ email: 'eve@example.org', password: PASSWORD })),
      ).toMatchObject(wrong);
    });

    it('removes sessions that have expired when their user signs in', async () => {
      await signIn();
      await modes.query(mode, `update public.sign_in_sessions set expires_at = now() - interval '1 s'`);
      await signIn();
      expect(await modes.query(mode, 'select 1 from public.sign_in_sessions')).toHaveLength(1);
    });

    it('slows down who guesses, whether the account exists or not, and tries nothing meanwhile', async () => {
      const clock = new FakeClock();
      for (const email of [EMAIL, 'nobody@example.org']) {
        const counted = new CountedArgon2();
        auth = authWith({ clock, argon2: counted });
        const guess = (password: string) => refusalOf(() => auth.login({ email, password }));
        for (let n = 0; n < 5; n++) expect(await guess(`guess ${n}`)).toMatchObject(wrong);
        const throttled = await guess(PASSWORD);
        expect(throttled).toBeInstanceOf(ThrottledError);
        expect(throttled).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', statusCode: 429, retryAfterMs: 1_000 });
        const change = { email, password: PASSWORD, newPassword: 'a new password' };
        expect(await refusalOf(() => auth.changePassword(change))).toBeInstanceOf(ThrottledError);
        expect(counted.verified).toHaveLength(5);
        await clock.advance(1_000);
        if (email === EMAIL) await auth.login({ email, password: PASSWORD });
        else expect(await guess(PASSWORD)).toMatchObject(wrong);
      }
    });

    it('does not count what could not be tried', async () => {
      auth = authWith({ maxConcurrentHashes: 1 });
      const tries = await Promise.allSettled(Array.from({ length: 40 }, signIn));
      const overloaded = tries.flatMap((tried) => (tried.status === 'rejected' ? [tried.reason] : []));
      for (const error of overloaded) {
        expect(['SIGN_IN_OVERLOADED', 'TOO_MANY_ATTEMPTS']).toContain((error as { code: string }).code);
      }
      await signIn();
    });
  });

  it('signs with a private key, whose public half the service knows', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const named = { alg: 'ES256', kid: 'one' };
    const keys = [{ ...(await exportJWK(publicKey)), ...named }];
    await using db = modes.service('direct', {
      jwt: { jwks: { keys } },
    }) as ConsolidatedDatabaseService<Database>;
    const key = { ...(await exportJWK(privateKey)), ...named };
    const auth = localAuth({ db: db.as(service()), jwt: { key, lifetimeMs: 60_000 } });
    const { userId } = await auth.register({ email: 'key@example.org', password: PASSWORD });
    const { accessToken } = await auth.login({ email: 'key@example.org', password: PASSWORD });
    expect((await db.verify(accessToken)).claims.sub).toBe(userId);
  });
});
