import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createSearchHistory,
  type NewSearch,
  type Search,
  type SearchHistory,
  service,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';
import { ANA, PEOPLE, SAM } from './people.ts';

const refused = { name: 'AuthorizationError', statusCode: 403, outcome: 'not-applied' };
const NOBODY = '00000000-0000-4000-8000-000000000000';
const SINCE = '2020-01-01T00:00:00Z';

/** Searches of many users, `u1` to `u9`: each of `queries` by as many as it says. */
function searchesOfMany(queries: Readonly<Record<string, number>>): string {
  const id = (n: number) => `00000000-0000-4000-8000-00000000010${n}`;
  const users = Array.from({ length: 9 }, (_, index) => index + 1);
  const rows = Object.entries(queries).flatMap(([query, count]) =>
    users.slice(0, count).map((n) => `('${id(n)}', '${query}', now() - interval '1 hour')`),
  );
  return `
    insert into auth.users (id, email) values ${users.map((n) => `('${id(n)}', 'u${n}@example.com')`).join()};
    insert into profiles (id, username, email) values ${users.map((n) => `('${id(n)}', 'u_${n}', 'u${n}@example.com')`).join()};
    insert into search_history (user_id, query, searched_at) values ${rows.join()};
  `;
}

describeEveryMode('the search history', { migrated: true, sql: '' }, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ana: SearchHistory;
    let sam: SearchHistory;
    let admin: SearchHistory;

    beforeAll(() => {
      db = modes.service(mode);
      ana = createSearchHistory(db.as(user({ sub: ANA })));
      sam = createSearchHistory(db.as(user({ sub: SAM })));
      admin = createSearchHistory(db.as(service()));
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(() => modes.query(mode, PEOPLE));

    it('adds a search of the caller, and nobody else’s', async () => {
      const added = await ana.add({ query: ' Lisbon ', filters: { country: 'PT' }, result_count: 3 });
      expect(added).toEqual({
        id: expect.any(Number),
        query: 'Lisbon',
        filters: { country: 'PT' },
        result_count: 3,
        searched_at: expect.any(String),
      });
      expect((await ana.recent(ANA)).rows).toEqual([added]);
      await expect(ana.add({ query: 'x', user_id: SAM })).rejects.toMatchObject(refused);
      await admin.add({ query: 'x', user_id: SAM });
      expect((await sam.recent(SAM)).rows).toMatchObject([{ query: 'x', filters: {}, result_count: 0 }]);
      await expect(createSearchHistory(db.as(anonymous())).add({ query: 'x' })).rejects.toMatchObject(
        refused,
      );
    });

    it('shows a user their own searches by pages, the latest first', async () => {
      await modes.query(
        mode,
        `insert into search_history (user_id, query, searched_at)
         select '${ANA}', 'q' || n, timestamptz '2027-01-01' + (n / 2) * interval '1 minute' from generate_series(1, 5) n;
         insert into search_history (user_id, query) values ('${SAM}', 'of Sam');`,
      );
      for (const [reader, limit] of [
        [ana, 1],
        [ana, 2],
        [ana, 5],
        [admin, 3],
      ] as const) {
        const seen: string[] = [];
        let after: Partial<Search> | undefined;
        do {
          const page = await reader.recent(ANA, { limit, after });
          seen.push(...page.rows.map(({ query }) => query));
          after = page.next === undefined ? undefined : JSON.parse(JSON.stringify(page.next));
        } while (after !== undefined);
        expect(seen).toEqual(['q5', 'q4', 'q3', 'q2', 'q1']);
      }
      expect((await sam.recent(ANA)).rows).toEqual([]);
    });

    it('tells what many searched for, and nothing that fewer than five did', async () => {
      await modes.query(mode, searchesOfMany({ lisbon: 6, porto: 5, secret: 4, oslo: 7 }));
      await modes.query(
        mode,
        `insert into search_history (user_id, query) values ('${ANA}', ' LISBON'), ('${ANA}', 'Lisbon')`,
      );
      // One user may search as often as they like.
      await modes.query(
        mode,
        `insert into search_history (user_id, query) select '${ANA}', 'mine' from generate_series(1, 20)`,
      );
      for (const history of [ana, sam, admin]) {
        expect(await history.popular({ since: SINCE })).toEqual([
          { query: 'lisbon', users: 7 },
          { query: 'oslo', users: 7 },
          { query: 'porto', users: 5 },
        ]);
      }
      expect(await ana.popular({ since: new Date(SINCE), limit: 1 })).toEqual([
        { query: 'lisbon', users: 7 },
      ]);
      expect(await ana.popular({ since: SINCE, leastUsers: 6 })).toHaveLength(2);
      expect(await ana.popular({ since: '2999-01-01T00:00:00Z' })).toEqual([]);
      await expect(createSearchHistory(db.as(anonymous())).popular({ since: SINCE })).rejects.toMatchObject(
        refused,
      );
    });

    it('tells no more to who calls the functions themselves', async () => {
      await modes.query(mode, searchesOfMany({ secret: 4 }));
      const caller = db.as(user({ sub: ANA }));
      const args = { since: SINCE, least_users: 1, max_rows: 1_000 };
      expect(await caller.rpc('popular_searches', args)).toEqual([]);
      expect(await caller.sql`select * from private.popular_searches(${SINCE}, 1000, -1)`).toEqual([]);
    });

    it('can keep what is popular, until a search is written', async () => {
      await modes.query(mode, searchesOfMany({ lisbon: 5 }));
      const first = await ana.popular({ since: SINCE, cache: true });
      expect(await ana.popular({ since: SINCE, cache: true })).toBe(first);
      await ana.add({ query: 'lisbon' });
      expect(await ana.popular({ since: SINCE, cache: true })).toEqual([{ query: 'lisbon', users: 6 }]);
    });

    it('forgets the searches of a user, and nobody else’s', async () => {
      for (const query of ['a', 'b', 'c']) await ana.add({ query });
      await sam.add({ query: 'd' });
      expect(await sam.forget(ANA)).toBe(0);
      expect(await ana.forget(ANA)).toBe(3);
      expect(await ana.forget(ANA)).toBe(0);
      expect((await sam.recent(SAM)).rows).toHaveLength(1);
      expect(await admin.forget(SAM)).toBe(1);
    });

    it('purges what is old, in batches, for the service alone', async () => {
      await modes.query(
        mode,
        `insert into search_history (user_id, query, searched_at)
         select '${ANA}', 'old', now() - interval '91 days' from generate_series(1, 7);
         insert into search_history (user_id, query, searched_at) values ('${SAM}', 'new', now() - interval '89 days');`,
      );
      for (const history of [ana, createSearchHistory(db.as(anonymous()))]) {
        await expect(history.purge({ olderThanDays: 1 })).rejects.toMatchObject(refused);
      }
      expect(await admin.purge({ olderThanDays: 90, batchSize: 3 })).toBe(7);
      expect(await admin.purge({ olderThanDays: 90 })).toBe(0);
      expect(await modes.query(mode, 'select query from search_history')).toEqual([{ query: 'new' }]);
    });

    it.each<[string, (history: SearchHistory) => Promise<unknown>, string | undefined]>([
      ['an empty query', (history) => history.add({ query: ' ' }), 'query'],
      ['a long query', (history) => history.add({ query: 'secret'.repeat(200) }), 'query'],
      [
        'large filters',
        (history) => history.add({ query: 'x', filters: { a: 'secret'.repeat(400) } }),
        'filters',
      ],
      ['a count below zero', (history) => history.add({ query: 'x', result_count: -1 }), 'result_count'],
      [
        'a time of its own',
        (history) => history.add({ query: 'x', searched_at: SINCE } as NewSearch),
        undefined,
      ],
      ['no user', (history) => history.recent('secret'), 'user_id'],
      ['a limit of none', (history) => history.recent(ANA, { limit: 0 }), 'limit'],
      ['no moment', (history) => history.popular({ since: 'secret' }), 'since'],
      ['a moment without an offset', (history) => history.popular({ since: '2027-01-01T00:00:00' }), 'since'],
      ['a date that is none', (history) => history.popular({ since: new Date('secret') }), 'since'],
      ['too few users', (history) => history.popular({ since: SINCE, leastUsers: 1 }), 'leastUsers'],
      ['nobody', (history) => history.forget('*'), 'user_id'],
      ['a day and a half', (history) => history.purge({ olderThanDays: 1.5 }), 'olderThanDays'],
      ['all of it', (history) => history.purge({ olderThanDays: 0 }), 'olderThanDays'],
    ])('refuses %s', async (_, attempt, field) => {
      const error = await attempt(admin).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'ValidationError', statusCode: 400, field });
      expect(JSON.stringify(error)).not.toMatch(/secret/);
    });

    if (PINNED.some((one) => one === mode)) {
      it('joins the transaction of its handle', async () => {
        await ana.add({ query: 'before' });
        const back = new Error('back');
        const work = db.as(user({ sub: ANA })).transaction(async (tx) => {
          const inside = ana.with(tx);
          await inside.add({ query: 'inside' });
          expect((await inside.recent(ANA)).rows).toHaveLength(2);
          await inside.forget(ANA);
          throw back;
        });
        await expect(work).rejects.toBe(back);
        expect((await ana.recent(ANA)).rows).toMatchObject([{ query: 'before' }]);
        expect((await ana.recent(NOBODY)).rows).toEqual([]);
      });
    }
  });
});
