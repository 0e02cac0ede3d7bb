import { createApiKeyVerifier, createUsers } from '../../../src/index.ts';
import { expectEqual, expectThat, type Step } from '../step.ts';

/** The end of the story: what is left of a user who leaves. */
export const farewellSteps: readonly Step[] = [
  {
    title: 'Sign out: nothing renews the session',
    as: 'ben',
    refused: { error: 'AuthenticationError', code: 'SESSION_INVALID' },
    async run({ auth, story }) {
      const session = story.benSession.take();
      await auth.logout(session);
      await auth.refresh(session.refreshToken);
      return {};
    },
  },
  {
    title: 'Remove Ana',
    as: 'ben',
    refused: { error: 'NotFoundError', code: 'NOT_FOUND' },
    async run({ ben, userIds }) {
      await createUsers(ben).remove(userIds.ana);
      return { rows: 1 };
    },
  },
  {
    title: 'Remove herself, with all that is hers',
    as: 'ana',
    async run({ ana, userIds, accountRemoved }) {
      const removed = await createUsers(ana).remove(userIds.ana);
      accountRemoved();
      expectThat(removed.trips >= 7, `She should have had at least 7 trips. She had ${removed.trips}.`);
      expectEqual('API keys', removed.api_keys, 2);
      return {
        rows: 1,
        note: `with ${removed.trips} trips, ${removed.api_keys} API keys, ${removed.searches} searches`,
      };
    },
  },
  {
    title: 'Her token is valid, and finds nothing',
    as: 'token',
    async run({ db, userIds, story }) {
      const ana = db.withToken(story.anaSession.take().accessToken);
      expectEqual('Her trips', await ana.count('trips', { filters: { owner_id: userIds.ana } }), 0);
      expectEqual('Her profile', await createUsers(ana).find(userIds.ana), undefined);
      return { rows: 0 };
    },
  },
  {
    title: 'Her API key',
    as: 'api key',
    refused: { error: 'AuthenticationError', code: 'API_KEY_INVALID' },
    async run({ service, story }) {
      await using verifier = createApiKeyVerifier(service);
      await verifier.verify(story.secondKey.take().key.reveal());
      return {};
    },
  },
  {
    title: 'Sign in as Ana, with her password',
    as: 'nobody',
    refused: { error: 'AuthenticationError', code: 'INVALID_CREDENTIALS' },
    async run({ auth, credentials }) {
      await auth.login({ ...credentials.ana, address: '192.0.2.7' });
      return {};
    },
  },
];
