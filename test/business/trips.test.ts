import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createTrips,
  type NewTrip,
  op,
  service,
  type Trip,
  type TripChanges,
  type Trips,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';
import { ANA, EVE, PEOPLE, SAM, VIC } from './people.ts';

const missing = { name: 'NotFoundError', statusCode: 404, outcome: 'not-applied' };
const refused = { name: 'AuthorizationError', statusCode: 403, outcome: 'not-applied' };
const NOBODY = '00000000-0000-4000-8000-000000000000';

describeEveryMode('trips', { migrated: true, sql: '' }, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ana: Trips;
    let eve: Trips;
    let vic: Trips;
    let sam: Trips;

    beforeAll(() => {
      db = modes.service(mode, {
        cache: { functions: { 'private.shared_trip_ids': { reads: ['trip_collaborators'] } } },
      });
      [ana, eve, vic, sam] = [ANA, EVE, VIC, SAM].map((sub) => createTrips(db.as(user({ sub })))) as [
        Trips,
        Trips,
        Trips,
        Trips,
      ];
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(() => modes.query(mode, PEOPLE));

    /** A trip of Ana's that Eve edits and Vic views. */
    async function shared(trip: Partial<NewTrip> = {}): Promise<Trip> {
      const made = await ana.create({ title: 'Lisbon', ...trip });
      await ana.share(made.id, EVE, 'editor');
      await ana.share(made.id, VIC, 'viewer');
      return made;
    }

    it('makes a trip of the caller, and reads it back', async () => {
      const given = {
        title: ' Porto by train ',
        description: 'slowly',
        starts_on: '2027-05-01',
        ends_on: '2027-05-03',
        budget: 900.5,
        currency: 'EUR',
        tags: ['train', 'sea', 'train'],
        metadata: { from: 'Madrid' },
      } as const;
      const trip = await ana.create(given);
      expect(trip).toEqual({
        ...given,
        id: expect.any(String),
        owner_id: ANA,
        title: 'Porto by train',
        destination_id: null,
        status: 'planning',
        visibility: 'private',
        tags: ['train', 'sea'],
        created_at: expect.any(String),
        updated_at: trip.created_at,
      });
      expect(await ana.get(trip.id)).toEqual(trip);
      expect(await ana.find(trip.id)).toEqual(trip);
    });

    it('shows a trip to its owner and to those who share it', async () => {
      const { id } = await shared();
      for (const trips of [ana, eve, vic]) expect(await trips.find(id)).toMatchObject({ id });
      expect(await sam.find(id)).toBe(undefined);
      expect(await createTrips(db.as(anonymous())).find(id)).toBe(undefined);
      await expect(sam.get(id)).rejects.toMatchObject(missing);
      await ana.change(id, { visibility: 'public' });
      expect(await sam.find(id)).toMatchObject({ id });
      expect(await createTrips(db.as(anonymous())).find(id)).toMatchObject({ id });
    });

    it('lets owner and editors change it, and nobody else', async () => {
      const { id } = await shared();
      expect(await ana.change(id, { title: 'Porto', budget: null })).toMatchObject({ title: 'Porto' });
      expect(await eve.change(id, { status: 'booked' })).toMatchObject({ title: 'Porto', status: 'booked' });
      for (const trips of [vic, sam]) {
        await expect(trips.change(id, { title: 'Mine' })).rejects.toMatchObject(missing);
        await expect(trips.cancel(id)).rejects.toMatchObject(missing);
      }
      await expect(ana.change(NOBODY, { title: 'Mine' })).rejects.toMatchObject(missing);
      expect(await ana.get(id)).toMatchObject({ title: 'Porto', status: 'booked' });
    });

    it('lets the owner alone say who may see it', async () => {
      const { id } = await shared();
      await expect(eve.change(id, { visibility: 'public' })).rejects.toMatchObject(refused);
      expect(await eve.change(id, { visibility: 'private', title: 'Porto' })).toMatchObject({
        title: 'Porto',
      });
      await ana.change(id, { visibility: 'public' });
      await expect(eve.change(id, { visibility: 'private' })).rejects.toMatchObject(refused);
      expect(await sam.find(id)).toMatchObject({ visibility: 'public' });
    });

    it('changes a trip that is unchanged, and refuses one that is not', async () => {
      const trip = await shared();
      const unchanged = { updated_at: trip.updated_at };
      await modes.untilLater(mode);
      await eve.change(trip.id, { title: 'Porto' }, { unchanged });
      await expect(ana.change(trip.id, { title: 'Faro' }, { unchanged })).rejects.toMatchObject({
        name: 'ConflictError',
        code: 'CONFLICT',
      });
      await expect(ana.remove(trip.id, { unchanged })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await ana.get(trip.id)).toMatchObject({ title: 'Porto' });
    });

    it('cancels a trip once, however often it is asked to', async () => {
      const { id } = await shared({ status: 'booked' });
      const cancelled = await eve.cancel(id);
      expect(cancelled).toMatchObject({ id, status: 'cancelled' });
      expect(await ana.cancel(id)).toEqual(cancelled);
      await expect(sam.cancel(id)).rejects.toMatchObject(missing);
      await expect(ana.cancel(NOBODY)).rejects.toMatchObject(missing);
    });

    it('cancels no trip that is completed', async () => {
      const { id } = await shared();
      await ana.change(id, { status: 'completed' });
      const conflict = { name: 'ConflictError', statusCode: 409, code: 'TRIP_COMPLETED' };
      await expect(ana.cancel(id)).rejects.toMatchObject(conflict);
      await expect(sam.cancel(id)).rejects.toMatchObject(missing);
      expect(await ana.get(id)).toMatchObject({ status: 'completed' });
    });

    it('lets the owner remove it, and nobody else', async () => {
      const { id } = await shared();
      for (const trips of [eve, vic, sam]) await expect(trips.remove(id)).rejects.toMatchObject(missing);
      await ana.remove(id);
      expect(await ana.find(id)).toBe(undefined);
      expect(await modes.query(mode, 'select from trip_collaborators')).toEqual([]);
    });

    it('lets the owner share it and change roles, and nobody else', async () => {
      const { id } = await ana.create({ title: 'Lisbon' });
      expect(await ana.share(id, VIC, 'viewer')).toEqual({
        user_id: VIC,
        role: 'viewer',
        created_at: expect.any(String),
      });
      await ana.share(id, EVE, 'editor');
      for (const trips of [eve, vic, sam]) {
        await expect(trips.share(id, SAM, 'viewer')).rejects.toMatchObject(refused);
        await expect(trips.share(id, VIC, 'editor')).rejects.toMatchObject(refused);
        await expect(trips.share(NOBODY, VIC, 'editor')).rejects.toMatchObject(refused);
      }
      await expect(ana.share(id, ANA, 'viewer')).rejects.toMatchObject(refused);
      const nobody = { name: 'ForeignKeyError', statusCode: 409 };
      await expect(ana.share(id, NOBODY, 'viewer')).rejects.toMatchObject(nobody);
      expect(await ana.share(id, VIC, 'editor')).toMatchObject({ user_id: VIC, role: 'editor' });
      expect(await vic.change(id, { title: 'Faro' })).toMatchObject({ title: 'Faro' });
    });

    it('says who shares it to those who do', async () => {
      const { id } = await shared();
      const both = [
        [VIC, 'viewer'],
        [EVE, 'editor'],
      ];
      for (const trips of [ana, eve, vic]) {
        const rows = await trips.collaborators(id);
        expect(rows.map(({ user_id, role }) => [user_id, role])).toEqual(both);
      }
      expect(await sam.collaborators(id)).toEqual([]);
    });

    it('takes collaborators off again, who may leave by themselves', async () => {
      const { id } = await shared();
      await expect(vic.unshare(id, EVE)).rejects.toMatchObject(missing);
      await expect(eve.unshare(id, VIC)).rejects.toMatchObject(missing);
      await vic.unshare(id, VIC);
      expect(await vic.find(id)).toBe(undefined);
      await ana.unshare(id, EVE);
      await expect(ana.unshare(id, EVE)).rejects.toMatchObject(missing);
      expect(await ana.collaborators(id)).toEqual([]);
    });

    it('lists every trip once by pages, in either order', async () => {
      const days = ['2027-03-01', undefined, '2027-01-01', '2027-03-01', undefined];
      for (const [index, starts_on] of days.entries()) {
        await ana.create({ title: `t${index}`, starts_on });
        await modes.untilLater(mode);
      }
      await sam.create({ title: 'of another', starts_on: '2027-02-01' });
      const titlesBy = async (order: 'starts_on' | 'newest', limit: number): Promise<string[]> => {
        const titles: string[] = [];
        let after: Partial<Trip> | undefined;
        do {
          const page = await ana.list({ order, limit, after });
          titles.push(...page.rows.map(({ title }) => title));
          // As a client would send it back.
          after = page.next === undefined ? undefined : JSON.parse(JSON.stringify(page.next));
        } while (after !== undefined);
        return titles;
      };
      for (const limit of [1, 2, 5, 6]) {
        expect(await titlesBy('newest', limit)).toEqual(['t4', 't3', 't2', 't1', 't0']);
        const byStart = await titlesBy('starts_on', limit);
        expect(byStart[0]).toBe('t2');
        expect(byStart.slice(1, 3).sort()).toEqual(['t0', 't3']);
        expect(byStart.slice(3).sort()).toEqual(['t1', 't4']);
      }
    });

    it('lists those of a status, an owner, a visibility, a tag', async () => {
      await ana.create({ title: 'a', tags: ['sea', 'city'], status: 'booked' });
      await modes.untilLater(mode);
      await ana.create({ title: 'b', tags: ['sea'], visibility: 'public' });
      await modes.untilLater(mode);
      await sam.create({ title: 'c', visibility: 'public' });
      const titles = async (options: Parameters<Trips['list']>[0]) =>
        (await ana.list({ order: 'newest', ...options })).rows.map(({ title }) => title);
      expect(await titles({})).toEqual(['c', 'b', 'a']);
      expect(await titles({ owner_id: ANA })).toEqual(['b', 'a']);
      expect(await titles({ status: 'booked' })).toEqual(['a']);
      expect(await titles({ visibility: 'public' })).toEqual(['c', 'b']);
      expect(await titles({ tag: 'sea', status: undefined })).toEqual(['b', 'a']);
      expect(await titles({ tag: 'city', owner_id: SAM })).toEqual([]);
    });

    it('finds trips by words, those of the title first, among what the caller may see', async () => {
      await ana.create({ title: 'By train', description: 'to Lisbon' });
      await ana.create({ title: 'Lisbon weekend', status: 'booked' });
      await ana.create({ title: 'Oslo' });
      await sam.create({ title: 'Lisbon of Sam' });
      const titles = async (trips: Trips, given: Parameters<Trips['search']>[0]) =>
        (await trips.search(given)).map(({ title }) => title);
      expect(await titles(ana, { text: 'LISBON' })).toEqual(['Lisbon weekend', 'By train']);
      expect(await titles(ana, { text: 'lisbon', limit: 1 })).toEqual(['Lisbon weekend']);
      expect(await titles(ana, { text: 'lisbon', status: 'booked' })).toEqual(['Lisbon weekend']);
      expect(await titles(ana, { text: 'oslo or "by train"' })).toHaveLength(2);
      expect(await titles(ana, { text: 'lisbon -train' })).toEqual(['Lisbon weekend']);
      for (const text of ["'", '& | !', '":*', 'a\\', '🌍']) expect(await titles(ana, { text })).toEqual([]);
      expect(await titles(createTrips(db.as(service())), { text: 'lisbon' })).toHaveLength(3);
      expect(await titles(createTrips(db.as(anonymous())), { text: 'lisbon' })).toEqual([]);
      const [found] = await ana.search({ text: 'weekend', cache: true });
      expect(found).toMatchObject({ owner_id: ANA, tags: [], budget: null, rank: expect.any(Number) });
      expect(Object.isFrozen(found)).toBe(true);
    });

    it.each<[string, object, string]>([
      ['an empty text', { text: ' ' }, 'text'],
      ['a long text', { text: 'x'.repeat(1_001) }, 'text'],
      ['no text', {}, 'text'],
      ['a limit of none', { text: 'x', limit: 0 }, 'limit'],
      ['a limit of all', { text: 'x', limit: 1e9 }, 'limit'],
      ['another status', { text: 'x', status: 'lost' }, 'status'],
    ])('searches for no words with %s', async (_, given, field) => {
      await expect(ana.search(given as { text: string })).rejects.toMatchObject({
        name: 'ValidationError',
        field,
      });
    });

    it('finds trips that are alike, the most similar first, among what the caller may see', async () => {
      const towards = (x: number, y: number) => [x, y, ...Array.from({ length: 14 }, () => 0)];
      const { id } = await ana.create({ title: 'sea', embedding: towards(1, 0) });
      await ana.create({ title: 'hills', embedding: towards(0, 1) });
      const lake = await ana.create({ title: 'lake', embedding: towards(0.9, 0.1) });
      await ana.create({ title: 'without' });
      await sam.create({ title: 'of Sam', embedding: towards(1, 0) });
      const titles = (rows: readonly { readonly title: string }[]) => rows.map(({ title }) => title);
      expect(titles(await ana.alike({ id }))).toEqual(['lake', 'hills']);
      expect(titles(await ana.alike({ id, limit: 1 }))).toEqual(['lake']);
      expect(titles(await ana.alike({ id, similarityThreshold: 0.5 }))).toEqual(['lake']);
      expect(titles(await ana.alike({ vector: towards(1, 0) }))).toEqual(['sea', 'lake', 'hills']);
      expect((await ana.alike({ id }))[0]?.similarity).toBeCloseTo(0.994, 2);
      await ana.change(lake.id, { embedding: null });
      expect(titles(await ana.alike({ id }))).toEqual(['hills']);
      await expect(ana.alike({ id: lake.id })).rejects.toMatchObject(missing);
      await expect(sam.alike({ id })).rejects.toMatchObject(missing);
    });

    it.each<[string, object, string | undefined]>([
      ['nothing', {}, 'vector'],
      ['both', { id: NOBODY, vector: [1] }, undefined],
      ['a short vector', { vector: [1] }, 'vector'],
      ['a number that is none', { vector: Array.from({ length: 16 }, () => Number.NaN) }, 'vector'],
      ['no id', { id: 'x' }, 'id'],
      ['a threshold beyond', { id: NOBODY, similarityThreshold: 2 }, 'similarityThreshold'],
    ])('compares with no %s', async (_, given, field) => {
      await expect(ana.alike(given as { id: string })).rejects.toMatchObject({
        name: 'ValidationError',
        field,
      });
    });

    it('answers from the cache where that is asked for, until a trip is written', async () => {
      const { id } = await ana.create({ title: 'Lisbon' });
      const first = await ana.get(id, { cache: true });
      expect(await ana.get(id, { cache: true })).toBe(first);
      await ana.change(id, { title: 'Porto' });
      expect(await ana.get(id, { cache: true })).toMatchObject({ title: 'Porto' });
      const { rows } = await ana.list({ cache: true });
      expect(Object.isFrozen(rows)).toBe(true);
    });

    it.each<[string, (options: object) => Promise<unknown>]>([
      ['create', (options) => ana.create({ title: 'x' }, options)],
      ['find', (options) => ana.find(NOBODY, options)],
      ['get', (options) => ana.get(NOBODY, options)],
      ['list', (options) => ana.list(options)],
      ['search', (options) => ana.search({ text: 'x', ...options })],
      ['alike', (options) => ana.alike({ id: NOBODY, ...options })],
      ['change', (options) => ana.change(NOBODY, {}, options)],
      ['cancel', (options) => ana.cancel(NOBODY, options)],
      ['remove', (options) => ana.remove(NOBODY, options)],
      ['share', (options) => ana.share(NOBODY, VIC, 'viewer', options)],
      ['unshare', (options) => ana.unshare(NOBODY, VIC, options)],
      ['collaborators', (options) => ana.collaborators(NOBODY, options)],
    ])('takes no option of a statement for one of %s', async (_, call) => {
      const unknown = { name: 'UsageError', code: 'UNKNOWN_OPTION' };
      for (const options of [{ filters: {} }, { all: true }, { expect: 0 }, { columns: ['id'] }]) {
        await expect(call(options)).rejects.toMatchObject(unknown);
      }
      await expect(call({ returning: false })).rejects.toMatchObject(unknown);
    });

    it('lets the service name the owner', async () => {
      const trips = createTrips(db.as(service()));
      expect(await trips.create({ title: 'Gift', owner_id: SAM })).toMatchObject({ owner_id: SAM });
      await expect(ana.create({ title: 'Gift', owner_id: SAM })).rejects.toMatchObject(refused);
      await expect(trips.create({ title: 'Nobody’s' })).rejects.toMatchObject({ name: 'NotNullError' });
    });

    it.each<[string, unknown, string | undefined, RegExp]>([
      ['no title', {}, 'title', /'title' of a trip must be a text of 1 to 200 characters/],
      ['spaces for a title', { title: '  ' }, 'title', /1 to 200/],
      ['a long title', { title: 'ä'.repeat(201) }, 'title', /1 to 200/],
      ['half a character', { title: 'secret\ud800' }, 'title', /half a character/],
      ['a number for a title', { title: 7 }, 'title', /1 to 200/],
      ['a day that is none', { title: 'x', starts_on: '2027-02-29' }, 'starts_on', /calendar date/],
      ['a moment for a day', { title: 'x', starts_on: '2027-02-01T00:00:00Z' }, 'starts_on', /calendar date/],
      ['the day now', { title: 'x', starts_on: 'now' }, 'starts_on', /calendar date/],
      [
        'an end before the start',
        { title: 'x', starts_on: '2027-02-02', ends_on: '2027-02-01' },
        'ends_on',
        /before/,
      ],
      ['a budget below zero', { title: 'x', budget: -1 }, 'budget', /from 0/],
      ['a budget in parts of a cent', { title: 'x', budget: 0.001 }, 'budget', /two decimals/],
      ['a budget that is no number', { title: 'x', budget: Number.NaN }, 'budget', /number/],
      ['a currency that is none', { title: 'x', currency: 'SECRET' }, 'currency', /currency/],
      [
        'too many tags',
        { title: 'x', tags: Array.from({ length: 21 }, (_, i) => `${i}`) },
        'tags',
        /at most 20/,
      ],
      ['an empty tag', { title: 'x', tags: [''] }, 'tags', /1 to 50/],
      ['metadata that is a list', { title: 'x', metadata: [] }, 'metadata', /JSON/],
      ['large metadata', { title: 'x', metadata: { a: 'b'.repeat(17_000) } }, 'metadata', /16384 bytes/],
      ['a short embedding', { title: 'x', embedding: [1, 2] }, 'embedding', /16 finite/],
      ['a status of the end', { title: 'x', status: 'cancelled' }, 'status', /planning, booked/],
      ['null for a title', { title: null }, 'title', /1 to 200/],
      ['an id of its own', { title: 'x', id: NOBODY }, undefined, /no field "id"/],
      [
        'a misspelt field',
        { title: 'x', budgett: 1 },
        undefined,
        /no field "budgett". Did you mean "budget"/,
      ],
      ['an operator', { title: op.neq('x') }, 'title', /1 to 200/],
    ])('makes no trip with %s', async (_, given, field, message) => {
      const error = await ana.create(given as NewTrip).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'ValidationError', statusCode: 400, field });
      expect(error).toHaveProperty('message', expect.stringMatching(message));
      expect(JSON.stringify(error)).not.toMatch(/secret/i);
      if ((given as NewTrip).title !== undefined) {
        const { id } = await ana.create({ title: 'Lisbon' });
        await expect(ana.change(id, given as TripChanges)).rejects.toMatchObject({ statusCode: 400 });
        expect(await ana.get(id)).toMatchObject({ title: 'Lisbon', status: 'planning' });
      }
    });

    it('compares the days of a change with those that are there', async () => {
      const { id } = await ana.create({ title: 'x', starts_on: '2027-05-02', ends_on: '2027-05-03' });
      await expect(ana.change(id, { ends_on: '2027-05-01' })).rejects.toMatchObject({
        name: 'CheckError',
        constraint: 'trips_dates_check',
      });
    });

    it('takes keys of the prototype for nothing, from JSON and from a polluted one', async () => {
      const hostile = JSON.parse('{"title": "x", "__proto__": {"status": "booked"}}') as NewTrip;
      await expect(ana.create(hostile)).rejects.toMatchObject({ name: 'ValidationError' });
      const metadata = JSON.parse('{"__proto__": {"admin": true}}');
      const kept = await ana.create({ title: 'x', metadata });
      expect(Object.keys(kept.metadata)).toEqual(['__proto__']);
      expect(({} as { admin?: boolean }).admin).toBe(undefined);
      const inherited = Object.create({ title: 'x' }) as NewTrip;
      await expect(ana.create(inherited)).rejects.toMatchObject({ statusCode: 400 });
    });

    it('takes JSON as deep and as wide as it may be, and no deeper or wider', async () => {
      const deep = (levels: number) => JSON.parse(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
      const wide = (values: number) => ({ a: Array.from({ length: values }, () => 0) });
      const invalid = { name: 'ValidationError', field: 'metadata' };
      for (const metadata of [deep(16), wide(1_999)]) await ana.create({ title: 'x', metadata });
      for (const metadata of [deep(17), wide(2_000)]) {
        await expect(ana.create({ title: 'x', metadata })).rejects.toMatchObject(invalid);
      }
    });

    it('leaves out what is undefined in JSON, and takes nothing that JSON has not', async () => {
      const { metadata } = await ana.create({ title: 'x', metadata: { a: undefined, b: [null, true] } });
      expect(metadata).toEqual({ b: [null, true] });
      for (const value of [[undefined], new Date(0), 1n, Number.NaN, () => 1, new Map(), Symbol('s')]) {
        await expect(ana.create({ title: 'x', metadata: { value } as never })).rejects.toMatchObject({
          name: 'ValidationError',
          field: 'metadata',
        });
      }
    });

    it('says little of an input that is wrong in many places', async () => {
      const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`secret${n}`, n]));
      const tags = Array.from({ length: 50_000 }, () => '');
      const error = await ana.create({ ...many, title: '', tags }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'ValidationError', field: 'title' });
      expect(String(error).length).toBeLessThan(2_000);
      const twice = await ana.create({ title: 'x', tags: ['', ''] }).catch((caught: unknown) => caught);
      expect(String(twice).match(/'tags'/g)).toHaveLength(1);
    });

    it('takes JSON that is 100,000 deep for what it is', async () => {
      const metadata = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
      await expect(ana.create({ title: 'x', metadata })).rejects.toMatchObject({
        name: 'ValidationError',
        field: 'metadata',
      });
    });

    it.each(['', 'x', "' or true --", `${NOBODY}x`, null, 7, {}, ['a']])(
      'takes %j for no id',
      async (given) => {
        const id = given as string;
        const invalid = { name: 'ValidationError', statusCode: 400 };
        await expect(ana.find(id)).rejects.toMatchObject(invalid);
        await expect(ana.change(id, { title: 'x' })).rejects.toMatchObject(invalid);
        await expect(ana.cancel(id)).rejects.toMatchObject(invalid);
        await expect(ana.remove(id)).rejects.toMatchObject(invalid);
        await expect(ana.share(id, VIC, 'viewer')).rejects.toMatchObject(invalid);
        await expect(ana.unshare(id, VIC)).rejects.toMatchObject(invalid);
        await expect(ana.collaborators(id)).rejects.toMatchObject(invalid);
        await expect(ana.list({ owner_id: id as never })).rejects.toMatchObject(invalid);
      },
    );

    if (PINNED.some((one) => one === mode)) {
      it('joins the transaction of its handle', async () => {
        const { id } = await ana.create({ title: 'Lisbon' });
        const back = new Error('back');
        const work = db.as(user({ sub: ANA })).transaction(async (tx) => {
          const inside = createTrips(tx);
          await inside.create({ title: 'Porto' });
          await ana.with(tx).change(id, { title: 'Faro' });
          await inside.share(id, VIC, 'viewer');
          await inside.cancel(id);
          expect((await inside.list()).rows).toHaveLength(2);
          throw back;
        });
        await expect(work).rejects.toBe(back);
        expect((await ana.list()).rows).toMatchObject([{ id, title: 'Lisbon', status: 'planning' }]);
        expect(await ana.collaborators(id)).toEqual([]);
      });
    }
  });
});
