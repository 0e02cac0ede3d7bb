import { DatabaseError } from '../../../src/index.ts';
import { expectEqual, expectThat, type Step } from '../step.ts';

/** Where requests come from: guesses are counted by it. */
const ADDRESS = '192.0.2.7';

/** Sign-in with a password, and what it does not tell. */
export const signInSteps: readonly Step[] = [
  {
    title: 'Sign in, with her email in capitals',
    as: 'ana',
    async run({ db, auth, credentials, userIds, story }) {
      const { email, password } = credentials.ana;
      const session = await auth.login({ email: email.toUpperCase(), password, address: ADDRESS });
      story.anaSession.give(session);
      const { claims } = await db.verify(session.accessToken);
      expectEqual('The user of the access token', claims.sub, userIds.ana);
      return { note: `an access token for ${claims.email}, role ${claims.role}` };
    },
  },
  {
    title: 'Sign in',
    as: 'ben',
    async run({ auth, credentials, userIds, story }) {
      const session = story.benSession.give(await auth.login({ ...credentials.ben, address: ADDRESS }));
      expectEqual('The user of the session', session.identity.claims.sub, userIds.ben);
      return {};
    },
  },
  {
    title: 'Sign in with a wrong password',
    as: 'nobody',
    refused: { error: 'AuthenticationError', code: 'INVALID_CREDENTIALS' },
    async run({ auth, credentials, story }) {
      try {
        await auth.login({ email: credentials.ana.email, password: 'not the one of Ana', address: ADDRESS });
      } catch (error) {
        if (error instanceof DatabaseError) story.wrongPassword.give(JSON.stringify(error));
        throw error;
      }
      return {};
    },
  },
  {
    title: 'Unknown user: the very same answer',
    as: 'nobody',
    refused: { error: 'AuthenticationError', code: 'INVALID_CREDENTIALS' },
    async run({ auth, usernames, story }) {
      try {
        const email = `nobody_like_${usernames.ana}@example.com`;
        await auth.login({ email, password: 'not the one of Ana', address: ADDRESS });
      } catch (error) {
        if (error instanceof DatabaseError) {
          expectEqual('The answer', JSON.stringify(error), story.wrongPassword.take());
        }
        throw error;
      }
      return {};
    },
  },
  {
    title: 'Renew the session',
    as: 'ana',
    async run({ db, auth, story }) {
      const before = story.anaSession.take();
      const renewed = await auth.refresh(before.refreshToken);
      expectThat(renewed.refreshToken !== before.refreshToken, 'A refresh token should be good once.');
      const trips = await db.withToken(renewed.accessToken).count('trips');
      return { note: `${trips} trips with the new access token` };
    },
  },
  {
    title: 'Renew it with the token used before',
    as: 'nobody',
    refused: { error: 'AuthenticationError', code: 'SESSION_INVALID' },
    async run({ auth, story }) {
      await auth.refresh(story.anaSession.take().refreshToken);
      return {};
    },
  },
  {
    title: '… that ended it: sign in again',
    as: 'ana',
    async run({ auth, credentials, story }) {
      story.anaSession.give(await auth.login({ ...credentials.ana, address: ADDRESS }));
      return {};
    },
  },
];
