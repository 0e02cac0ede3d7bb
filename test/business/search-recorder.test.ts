import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SearchRecorder } from '../../src/business/search-history/search-recorder.ts';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createSearchRecorder,
  type Identity,
  type NewSearch,
  service,
  user,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';
import { ANA, PEOPLE, SAM } from './people.ts';

const SETTINGS = { maxWaiting: 100, batchSize: 10, flushAfterMs: 1_000 };
const ana = user({ sub: ANA });
const sam = user({ sub: SAM });

describeEveryMode('a recorder of searches', { migrated: true, sql: '' }, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    let clock: FakeClock;
    let recorder: SearchRecorder;

    beforeAll(() => {
      db = modes.service(mode);
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(async () => {
      await modes.query(mode, PEOPLE);
      clock = new FakeClock();
      recorder = new SearchRecorder(db, SETTINGS, clock);
    });
    afterEach(() => recorder.close());

    const rows = () => modes.query(mode, 'select user_id, query from search_history order by id');
    const written = async (): Promise<string[]> => (await rows()).map(({ query }) => String(query));

    it('writes nothing at once, and all of it after a while', async () => {
      recorder.record(ana, { query: ' Lisbon ', filters: { country: 'PT' }, result_count: 2 });
      recorder.record(ana, { query: 'Porto' });
      expect(await rows()).toEqual([]);
      expect(recorder.stats().waiting).toBe(2);
      await clock.advance(SETTINGS.flushAfterMs);
      await recorder.flush();
      const kept = await modes.query(
        mode,
        'select query, filters, result_count from search_history order by id',
      );
      expect(kept).toEqual([
        { query: 'Lisbon', filters: { country: 'PT' }, result_count: 2 },
        { query: 'Porto', filters: {}, result_count: 0 },
      ]);
      expect(recorder.stats()).toEqual({ waiting: 0, written: 2, dropped: 0, refused: 0, failed: 0 });
      expect(clock.pending).toBe(0);
    });

    it('writes a search as it was, whatever becomes of its object', async () => {
      const filters = { country: 'PT', tags: ['sea'] };
      recorder.record(ana, { query: 'Lisbon', filters });
      filters.country = 'ES';
      filters.tags.push('of Sam');
      recorder.record(sam, { query: 'Vigo', filters });
      await recorder.flush();
      const kept = await modes.query(mode, 'select filters from search_history order by id');
      expect(kept).toEqual([
        { filters: { country: 'PT', tags: ['sea'] } },
        { filters: { country: 'ES', tags: ['sea', 'of Sam'] } },
      ]);
    });

    it('writes each search as who searched, whoever asks for the writing', async () => {
      for (let n = 0; n < 4; n++) {
        recorder.record(ana, { query: `ana ${n}` });
        recorder.record(sam, { query: `sam ${n}` });
      }
      await db.runAs(service(), () => recorder.flush());
      const byUser = (await rows()).map(({ user_id, query }) => [user_id, String(query).slice(0, 3)]);
      expect(byUser).toHaveLength(8);
      for (const [id, name] of byUser) expect(id).toBe(name === 'ana' ? ANA : SAM);
    });

    it('writes what many recorded in one insert for each identity', async () => {
      for (let n = 0; n < 9; n++) recorder.record(n % 2 === 0 ? ana : sam, { query: `${n}` });
      await recorder.flush();
      expect(await written()).toEqual(['0', '2', '4', '6', '8', '1', '3', '5', '7']);
      const [inserts] = await modes.query(
        mode,
        'select count(distinct xmin::text)::int as count from search_history',
      );
      expect(inserts).toEqual({ count: 2 });
    });

    it('waits no longer where a batch is full, and writes no larger one', async () => {
      for (let n = 0; n < 9; n++) recorder.record(ana, { query: `${n}` });
      await clock.advance(0);
      expect(recorder.stats().waiting).toBe(9);
      for (let n = 9; n < 25; n++) recorder.record(ana, { query: `${n}` });
      expect(recorder.stats().written).toBe(0);
      await clock.advance(0);
      expect(clock.pending).toBe(0);
      await recorder.flush();
      expect(await written()).toEqual(Array.from({ length: 25 }, (_, n) => `${n}`));
      const [inserts] = await modes.query(
        mode,
        'select count(distinct xmin::text)::int as count from search_history',
      );
      expect(inserts).toEqual({ count: 3 });
    });

    it('has room for so many, and drops what comes then', async () => {
      const small = new SearchRecorder(db, { ...SETTINGS, maxWaiting: 3 }, clock);
      for (let n = 0; n < 5; n++) small.record(ana, { query: `${n}` });
      expect(small.stats()).toMatchObject({ waiting: 3, dropped: 2 });
      await small.flush();
      small.record(ana, { query: 'later' });
      await small.close();
      expect(await written()).toEqual(['0', '1', '2', 'later']);
      small.record(ana, { query: 'too late' });
      expect(small.stats()).toEqual({ waiting: 0, written: 4, dropped: 3, refused: 0, failed: 0 });
    });

    it.each<[string, unknown, unknown]>([
      ['an empty query', ana, { query: ' ' }],
      ['a long query', ana, { query: 'x'.repeat(1_001) }],
      ['large filters', ana, { query: 'x', filters: { a: 'b'.repeat(2_048) } }],
      ['no search', ana, undefined],
      ['an unknown field', ana, { query: 'x', user_id: SAM }],
      ['nobody', anonymous(), { query: 'x' }],
      ['the service', service(), { query: 'x' }],
      ['no identity', undefined, { query: 'x' }],
    ])('never throws, and takes no %s', async (_, identity, search) => {
      recorder.record(identity as Identity, search as NewSearch);
      await recorder.flush();
      expect(recorder.stats()).toEqual({ waiting: 0, written: 0, dropped: 0, refused: 1, failed: 0 });
      expect(await rows()).toEqual([]);
    });

    it('loses the searches of who may not write them, and no others', async () => {
      recorder.record(user({ sub: ANA, exp: 1 }), { query: 'expired' });
      recorder.record(user({ sub: ANA, role: 'postgres' }), { query: 'of a role' });
      recorder.record({ kind: 'user', claims: { sub: ANA } }, { query: 'made up' });
      recorder.record(user({ sub: '00000000-0000-4000-8000-000000000000' }), { query: 'of nobody' });
      recorder.record(sam, { query: 'good' });
      await recorder.flush();
      expect(await written()).toEqual(['good']);
      expect(recorder.stats()).toMatchObject({ written: 1, failed: 4, waiting: 0 });
    });

    it('writes what waits when it is closed', async () => {
      recorder.record(ana, { query: 'last' });
      await Promise.all([recorder.close(), recorder.close()]);
      expect(await written()).toEqual(['last']);
      expect(clock.pending).toBe(0);
    });

    it('writes nothing twice, however many ask for it at once', async () => {
      for (let n = 0; n < 8; n++) recorder.record(ana, { query: `${n}` });
      await Promise.all(Array.from({ length: 5 }, () => recorder.flush()));
      await recorder.flush();
      expect(await written()).toHaveLength(8);
    });

    if (PINNED.some((one) => one === mode)) {
      it('keeps a search though the transaction around it is rolled back', async () => {
        const back = new Error('back');
        const work = db.as(ana).transaction(async (tx) => {
          await tx.insert('search_history', { query: 'inside' });
          for (let n = 0; n < SETTINGS.batchSize; n++) recorder.record(ana, { query: `${n}` });
          // The writing begins here, and waits for a connection.
          await clock.advance(0);
          throw back;
        });
        await expect(work).rejects.toBe(back);
        await recorder.flush();
        expect(await written()).toHaveLength(SETTINGS.batchSize);
        expect(recorder.stats().failed).toBe(0);
      });

      it('is not made of a transaction', async () => {
        await db.as(ana).transaction(async (tx) => {
          // @ts-expect-error a transaction acts as nobody else
          expect(() => createSearchRecorder(tx)).toThrow(/not a method of a transaction/);
        });
      });
    }
  });

  it('keeps what could not be written while the database was busy, and asks it no more often', async () => {
    const busy = modes.service('direct', { timeoutMs: 2_000 });
    const holder = modes.service('direct');
    const clock = new FakeClock();
    const recorder = new SearchRecorder(busy, SETTINGS, clock);
    await modes.query('direct', PEOPLE);
    const queries = Array.from({ length: SETTINGS.batchSize }, (_, n) => `${n}`);
    for (const query of queries) recorder.record(ana, { query });
    recorder.record(sam, { query: 'of Sam' });
    await holder.as(service()).transaction(async (tx) => {
      await tx.sql`lock table search_history in share mode`;
      await recorder.flush();
      expect(recorder.stats()).toMatchObject({ waiting: 11, written: 0, failed: 0 });
      recorder.record(sam, { query: 'later' });
      await clock.advance(SETTINGS.flushAfterMs - 1);
      expect(clock.pending).toBe(1);
    });
    await clock.advance(1);
    await recorder.close();
    expect(recorder.stats()).toMatchObject({ waiting: 0, written: 12, failed: 0 });
    const rows = await modes.query('direct', 'select query from search_history order by id');
    expect(rows.map(({ query }) => query)).toEqual([...queries, 'of Sam', 'later']);
    await Promise.all([busy.close(), holder.close()]);
  });

  it('says what was lost where it is closed while the database is busy', async () => {
    const busy = modes.service('direct', { timeoutMs: 2_000 });
    const holder = modes.service('direct');
    const recorder = new SearchRecorder(busy, SETTINGS, new FakeClock());
    await modes.query('direct', PEOPLE);
    recorder.record(ana, { query: 'a' });
    await holder.as(service()).transaction(async (tx) => {
      await tx.sql`lock table search_history in share mode`;
      await recorder.close();
    });
    expect(recorder.stats()).toMatchObject({ waiting: 0, written: 0, failed: 1 });
    expect(await modes.query('direct', 'select from search_history')).toEqual([]);
    await Promise.all([busy.close(), holder.close()]);
  });
});

describe('options of a recorder', () => {
  const db = {
    as: () => undefined,
    outside: (fn: () => unknown) => fn(),
  } as unknown as ConsolidatedDatabaseService<Database>;

  it.each<[string, object, RegExp]>([
    ['an unknown one', { maxWaitng: 3 }, /has no option "maxWaitng"/],
    ['no room', { maxWaiting: 0 }, /'maxWaiting' must be a whole number of at least 1/],
    ['half a batch', { batchSize: 0.5 }, /'batchSize' must be a whole number/],
    ['a time that is none', { flushAfterMs: '1' }, /'flushAfterMs' must be a whole number/],
  ])('are not %s', (_, options, message) => {
    expect(() => createSearchRecorder(db, options)).toThrow(message);
  });
});
