import { createSearchHistory, createSearchRecorder, createTrips } from '../../../src/index.ts';
import { expectEqual, expectThat, type Step, type World } from '../step.ts';

/** What users searched for: recorded behind the search, and told to nobody else. */
export const searchSteps: readonly Step[] = [
  {
    title: 'Search twice, and record it behind',
    as: 'ana',
    async run({ db, ana, usernames, story }) {
      const caller = await db.verify(story.anaSession.take().accessToken);
      const recorder = createSearchRecorder(db);
      const found = await createTrips(ana).search({ text: 'train' });
      recorder.record(caller, { query: 'train', result_count: found.length });
      recorder.record(caller, { query: surpriseIn(usernames) });
      await recorder.close();
      const { written, failed, refused, dropped } = recorder.stats();
      expectEqual('Written, failed, refused, dropped', [written, failed, refused, dropped].join(), '2,0,0,0');
      return { rows: written };
    },
  },
  {
    title: 'Search for the same, and wait for it',
    as: 'ben',
    async run({ ben, usernames }) {
      const { query } = await createSearchHistory(ben).add({ query: surpriseIn(usernames) });
      expectEqual('The search', query, surpriseIn(usernames));
      return { rows: 1 };
    },
  },
  {
    title: 'Read her recent searches',
    as: 'ana',
    async run({ ana, userIds }) {
      const { rows, next } = await createSearchHistory(ana).recent(userIds.ana, { limit: 2 });
      expectEqual('Searches of the page', rows.length, 2);
      expectThat(next !== undefined, 'There should be a further page.');
      return { rows: rows.length, note: rows.map(({ query }) => query).join(' · ') };
    },
  },
  {
    title: 'Read the searches of Ana: none',
    as: 'ben',
    async run({ ben, userIds }) {
      const { rows } = await createSearchHistory(ben).recent(userIds.ana);
      expectEqual('Searches of Ana that Ben sees', rows.length, 0);
      return { rows: 0 };
    },
  },
  {
    title: 'What is popular: nothing of two alone',
    as: 'service',
    async run({ service, usernames }) {
      const popular = await createSearchHistory(service).popular({
        since: '2020-01-01T00:00:00Z',
        limit: 1000,
      });
      expectThat(
        popular.every(({ query, users }) => users >= 5 && query !== surpriseIn(usernames)),
        'What fewer than five users searched for should be told to nobody.',
      );
      return { rows: popular.length, note: 'fewer than five users are nobody, whoever asks' };
    },
  },
  {
    title: 'Forget all her searches',
    as: 'ana',
    async run({ ana, userIds }) {
      const history = createSearchHistory(ana);
      const forgotten = await history.forget(userIds.ana);
      expectThat(forgotten >= 4, `There should be at least 4 searches of Ana. There were ${forgotten}.`);
      expectEqual('Searches left', (await history.recent(userIds.ana)).rows.length, 0);
      return { rows: forgotten };
    },
  },
];

/** In lower case, as `popular` would tell it, and of this run alone. */
function surpriseIn(usernames: World['usernames']): string {
  return `a surprise for ${usernames.ben}`;
}
