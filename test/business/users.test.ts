import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createTrips,
  createUsers,
  type NewProfile,
  type Profile,
  type ProfileChanges,
  service,
  type Users,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';
import { ANA, EVE, PEOPLE, SAM, VIC } from './people.ts';

const missing = { name: 'NotFoundError', statusCode: 404, outcome: 'not-applied' };
const refused = { name: 'AuthorizationError', statusCode: 403, outcome: 'not-applied' };
const NOBODY = '00000000-0000-4000-8000-000000000000';
const NEW = '00000000-0000-4000-8000-0000000000ff';

describeEveryMode('users', { migrated: true, sql: '' }, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ana: Users;
    let sam: Users;
    let admin: Users;

    beforeAll(() => {
      db = modes.service(mode, {
        cache: { functions: { 'private.fellow_traveller_ids': { reads: ['trips', 'trip_collaborators'] } } },
      });
      ana = createUsers(db.as(user({ sub: ANA })));
      sam = createUsers(db.as(user({ sub: SAM })));
      admin = createUsers(db.as(service()));
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(() =>
      modes.query(mode, `${PEOPLE} insert into auth.users (id, email) values ('${NEW}', 'new@example.com');`),
    );

    const fresh: NewProfile = {
      id: NEW,
      username: 'newcomer',
      email: ' new@example.com ',
      home_country: 'PT',
    };

    it('makes the profile of the caller, and reads it back', async () => {
      const users = createUsers(db.as(user({ sub: NEW })));
      const profile = await users.create({ ...fresh, preferences: { units: 'metric' } });
      expect(profile).toEqual({
        id: NEW,
        username: 'newcomer',
        email: 'new@example.com',
        display_name: '',
        home_country: 'PT',
        created_at: expect.any(String),
        updated_at: profile.created_at,
      });
      expect(await users.get(NEW)).toEqual(profile);
      expect(await users.preferences(NEW)).toEqual({ units: 'metric' });
      await expect(users.create(fresh)).rejects.toMatchObject({ name: 'UniqueConstraintError', field: 'id' });
    });

    it('makes nobody else’s, and none of who is no user', async () => {
      await expect(ana.create(fresh)).rejects.toMatchObject(refused);
      await expect(admin.create({ ...fresh, id: NOBODY })).rejects.toMatchObject({ name: 'ForeignKeyError' });
      expect(await admin.create(fresh)).toMatchObject({ id: NEW });
    });

    it('takes no username and no email that another has', async () => {
      const taken = { name: 'UniqueConstraintError', statusCode: 409 };
      await expect(ana.change(ANA, { username: 'sam' })).rejects.toMatchObject({
        ...taken,
        field: 'username',
      });
      await expect(ana.change(ANA, { email: 'sam@example.com' })).rejects.toMatchObject({
        ...taken,
        field: 'email',
      });
    });

    it('shows a profile to its user, to the people on the same trips and to the service', async () => {
      expect(await ana.find(ANA)).toMatchObject({ username: 'ana' });
      expect(await admin.find(ANA)).toMatchObject({ username: 'ana' });
      expect(await sam.find(ANA)).toBe(undefined);
      await expect(sam.get(ANA)).rejects.toMatchObject(missing);
      await expect(sam.preferences(ANA)).rejects.toMatchObject(missing);
      await expect(createUsers(db.as(anonymous())).find(ANA)).rejects.toMatchObject(refused);
      const { id } = await createTrips(db.as(user({ sub: ANA }))).create({ title: 'Lisbon' });
      await createTrips(db.as(user({ sub: ANA }))).share(id, SAM, 'viewer');
      expect(await sam.find(ANA)).toMatchObject({ username: 'ana' });
      await expect(sam.change(ANA, { display_name: 'mine' })).rejects.toMatchObject(missing);
      await expect(sam.changePreferences(ANA, { a: 1 })).rejects.toMatchObject(missing);
    });

    it('changes what is named, if it is unchanged', async () => {
      const before = await ana.get(ANA);
      await modes.untilLater(mode);
      const changed = await ana.change(ANA, { display_name: ' Ana ', home_country: null });
      expect(changed).toEqual({ ...before, display_name: 'Ana', updated_at: expect.any(String) });
      const unchanged = { updated_at: before.updated_at };
      const late = ana.change(ANA, { display_name: 'Anna' }, { unchanged });
      await expect(late).rejects.toMatchObject({ name: 'ConflictError', code: 'CONFLICT' });
    });

    it('merges preferences key by key, and removes those that are null', async () => {
      expect(await ana.changePreferences(ANA, { units: 'metric', map: { zoom: 3, style: null } })).toEqual({
        units: 'metric',
        map: { zoom: 3, style: null },
      });
      expect(await ana.changePreferences(ANA, { units: null, map: { zoom: 4 }, none: null })).toEqual({
        map: { zoom: 4 },
      });
      expect(await ana.preferences(ANA)).toEqual({ map: { zoom: 4 } });
    });

    it('lets two writers of preferences not undo one another', async () => {
      const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
      const apart = modes.service(mode, {}, 4);
      try {
        const users = createUsers(apart.as(user({ sub: ANA })));
        await Promise.all(keys.map((key) => users.changePreferences(ANA, { [key]: 1 })));
        expect(Object.keys(await users.preferences(ANA)).sort()).toEqual([...keys].sort());
      } finally {
        await apart.close();
      }
    });

    it('lets preferences not grow for ever', async () => {
      const large = 'x'.repeat(16_000);
      for (const key of ['a', 'b', 'c', 'd']) await ana.changePreferences(ANA, { [key]: large });
      await expect(ana.changePreferences(ANA, { e: large })).rejects.toMatchObject({
        name: 'CheckError',
        constraint: 'profiles_preferences_size_check',
      });
      await expect(ana.changePreferences(ANA, { e: `${large}${large}` })).rejects.toMatchObject({
        name: 'ValidationError',
        field: 'patch',
      });
    });

    it('takes the key __proto__ of a patch for a key', async () => {
      const patch = JSON.parse('{"__proto__": {"admin": true}, "a": 1}');
      const merged = await ana.changePreferences(ANA, patch);
      expect(Object.keys(merged).sort()).toEqual(['__proto__', 'a']);
      expect(({} as { admin?: boolean }).admin).toBe(undefined);
      expect(await ana.changePreferences(ANA, JSON.parse('{"__proto__": null}'))).toEqual({ a: 1 });
    });

    it('answers from the cache where that is asked for, until the preferences change', async () => {
      const first = await ana.preferences(ANA, { cache: true });
      expect(await ana.preferences(ANA, { cache: true })).toBe(first);
      await ana.changePreferences(ANA, { a: 1 });
      expect(await ana.preferences(ANA, { cache: true })).toEqual({ a: 1 });
      await ana.remove(ANA);
      await expect(ana.preferences(ANA, { cache: true })).rejects.toMatchObject(missing);
    });

    it('lists users for the service, every one once by pages', async () => {
      const seen: string[] = [];
      let after: Partial<Profile> | undefined;
      do {
        const page = await admin.list({ limit: 3, after });
        seen.push(...page.rows.map(({ username }) => username));
        after = page.next === undefined ? undefined : JSON.parse(JSON.stringify(page.next));
      } while (after !== undefined);
      expect(seen.sort()).toEqual(['ana', 'eve', 'sam', 'vic']);
      expect((await sam.list()).rows.map(({ username }) => username)).toEqual(['sam']);
    });

    it.each<[string, readonly string[]]>([
      ['AN', ['ana']],
      ['@example.com', ['ana', 'eve', 'sam', 'vic']],
      ['sam@', ['sam']],
      ['%', []],
      ['_', []],
      ['\\', []],
      ["' or true --", []],
    ])('finds users by %j in username or email', async (search, expected) => {
      const { rows } = await admin.list({ search });
      expect(rows.map(({ username }) => username).sort()).toEqual(expected);
    });

    /** Ana has two trips, one shared with Sam; shares one of Sam's; has an API key and three searches. */
    const BELONGINGS = `
      insert into trips (id, owner_id, title) values ('${NEW}', '${ANA}', 'a'), (gen_random_uuid(), '${ANA}', 'b'), ('${NOBODY}', '${SAM}', 'c');
      insert into trip_collaborators (trip_id, user_id) values ('${NEW}', '${SAM}'), ('${NOBODY}', '${ANA}');
      insert into api_keys (user_id, name, key_prefix, key_hash) values ('${ANA}', 'k', 'cdb_abcd', repeat('0', 64));
      insert into search_history (user_id, query) values ('${ANA}', 'x'), ('${ANA}', 'y'), ('${ANA}', 'z'), ('${SAM}', 'x');
    `;
    const GONE = { trips: 2, collaborations: 1, api_keys: 1, searches: 3 };
    const counts = async () =>
      (
        await modes.query(
          mode,
          `select (select count(*)::int from auth.users) users, (select count(*)::int from profiles) profiles,
             (select count(*)::int from trips) trips, (select count(*)::int from trip_collaborators) collaborators,
             (select count(*)::int from api_keys) keys, (select count(*)::int from search_history) searches`,
        )
      )[0];
    const LEFT = { users: 4, profiles: 3, trips: 1, collaborators: 0, keys: 0, searches: 1 };

    it('removes a user with everything, as that user', async () => {
      await modes.query(mode, BELONGINGS);
      expect(await ana.remove(ANA)).toEqual(GONE);
      expect(await counts()).toEqual(LEFT);
      expect(await ana.find(ANA)).toBe(undefined);
      await expect(ana.remove(ANA)).rejects.toMatchObject(missing);
    });

    it('removes a user with everything, as the service', async () => {
      await modes.query(mode, BELONGINGS);
      expect(await admin.remove(ANA)).toEqual(GONE);
      expect(await counts()).toEqual(LEFT);
      await expect(admin.remove(ANA)).rejects.toMatchObject(missing);
      expect(await admin.remove(NEW)).toEqual({ trips: 0, collaborations: 0, api_keys: 0, searches: 0 });
    });

    it('removes nobody else, however it is tried', async () => {
      await modes.query(mode, BELONGINGS);
      const before = await counts();
      await expect(sam.remove(ANA)).rejects.toMatchObject(missing);
      await expect(sam.remove(NOBODY)).rejects.toMatchObject(missing);
      await expect(createUsers(db.as(anonymous())).remove(ANA)).rejects.toMatchObject(refused);
      const caller = db.as(user({ sub: SAM }));
      await expect(caller.sql`select * from private.remove_user(${ANA})`).rejects.toMatchObject({
        sqlState: '42501',
      });
      await expect(caller.delete('profiles', { filters: { id: ANA }, expect: 1 })).rejects.toMatchObject(
        missing,
      );
      await expect(createUsers(db.as(user({}))).remove(ANA)).rejects.toMatchObject(missing);
      expect(await counts()).toEqual(before);
    });

    it.each<[string, object, string | undefined]>([
      ['a username in capitals', { username: 'Secret' }, 'username'],
      ['a short username', { username: 'ab' }, 'username'],
      ['a username of two lines', { username: 'secret\nx' }, 'username'],
      ['an email without an at', { email: 'secret.example.com' }, 'email'],
      ['an email with spaces', { email: 'a b@secret' }, 'email'],
      ['a long email', { email: `${'x'.repeat(320)}@secret` }, 'email'],
      ['null for an email', { email: null }, 'email'],
      ['a long name', { display_name: 'secret'.repeat(20) }, 'display_name'],
      ['a country in lower case', { home_country: 'pt' }, 'home_country'],
      ['a misspelt field', { usrname: 'secret' }, undefined],
      ['a time of its own', { created_at: '2027-01-01' }, undefined],
    ])('makes and changes no profile with %s', async (_, given, field) => {
      for (const attempt of [
        () => ana.change(ANA, given as ProfileChanges),
        () => admin.create({ ...fresh, ...given } as NewProfile),
      ]) {
        const error = await attempt().catch((caught: unknown) => caught);
        expect(error).toMatchObject({ name: 'ValidationError', statusCode: 400, field });
        expect(JSON.stringify(error)).not.toMatch(/secret/i);
      }
      expect(await ana.get(ANA)).toMatchObject({
        username: 'ana',
        email: 'ana@example.com',
        display_name: '',
      });
    });

    if (PINNED.some((one) => one === mode)) {
      it('joins the transaction of its handle', async () => {
        const back = new Error('back');
        const work = db.as(user({ sub: ANA })).transaction(async (tx) => {
          const inside = ana.with(tx);
          await inside.changePreferences(ANA, { a: 1 });
          expect(await inside.preferences(ANA)).toEqual({ a: 1 });
          await inside.remove(ANA);
          expect(await inside.find(ANA)).toBe(undefined);
          throw back;
        });
        await expect(work).rejects.toBe(back);
        expect(await ana.preferences(ANA)).toEqual({});
        expect(await admin.find(VIC)).toMatchObject({ username: 'vic' });
        expect(await admin.find(EVE)).toMatchObject({ username: 'eve' });
      });
    }
  });
});
