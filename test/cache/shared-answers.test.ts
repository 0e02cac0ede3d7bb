import { randomBytes } from 'node:crypto';
import { Keyv } from 'keyv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  type DatabaseServiceOptions,
  keyvStore,
  type SecondLevelOptions,
  type ServiceEvent,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { SharedStore } from '../support/shared-store.ts';

const ANN = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const KEY = randomBytes(32);

const SQL = `${OWN_SCHEMA}
create table notes (id int primary key, owner uuid, title text, big bigint, at timestamptz, data jsonb);
alter table notes enable row level security;
create policy own on notes using (owner = (select auth.uid())) with check (true);
create table places (id int primary key, name text);
grant all on notes, places to authenticated, service_role;
create function place_names() returns setof text language sql stable
  begin atomic select name from places order by id; end;
create function nothing() returns void language sql stable begin atomic select name from places; end;
select cdb.watch_table('notes'), cdb.watch_table('places');`;

const NOTES = `truncate notes, places;
  insert into notes values
    (1, '${ANN}', 'one', 9007199254740991, '2026-01-01T00:00:00Z', '{"a": [1, null]}'), (5, '${BEN}', 'five', 5, null, null);
  insert into places values (1, 'Porto'), (2, 'Faro')`;

describeFullStack('answers that processes share', () => {
  let database: TestDatabase;
  let store: SharedStore;
  const opened: ConsolidatedDatabaseService[] = [];

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.query(NOTES);
    store = new SharedStore();
  });
  afterEach(() => Promise.all(opened.splice(0).map((db) => db.close())));

  /** As another process has it: nothing is shared but the database and the store. */
  function processOf(
    level: Partial<SecondLevelOptions> = {},
    { cache, ...options }: DatabaseServiceOptions = {},
  ): ConsolidatedDatabaseService {
    const db = createDatabaseService({
      direct: database.user.direct,
      service: { direct: database.service.direct },
      onWarning: () => {},
      cache: { secondLevel: { store, encryptionKeys: [KEY], timeoutMs: 5_000, ...level }, ...cache },
      ...options,
    });
    opened.push(db);
    return db;
  }

  const as = (db: ConsolidatedDatabaseService, sub = ANN): DatabaseHandle => db.as(user({ sub }));
  const titles = async (db: DatabaseHandle) =>
    (await db.select('notes', { columns: ['title'], orderBy: 'id', cache: true })).map(({ title }) => title);
  const hitsOf = (db: ConsolidatedDatabaseService) => db.cache.stats().secondLevel?.hits;
  /** Puts answers there in the background, which a test has to await. */
  const kept = (db: ConsolidatedDatabaseService, count: number) =>
    expect.poll(() => db.cache.stats().secondLevel?.kept).toBe(count);

  it('are read from the database once', async () => {
    const [one, other] = [processOf(), processOf()];
    expect(await titles(as(one))).toEqual(['one']);
    await kept(one, 1);
    const calls: (CallEvent['cache'] | number)[] = [];
    const third = processOf({}, { onCall: ({ cache, attempts }) => calls.push(cache, attempts) });
    expect(await titles(as(other))).toEqual(['one']);
    expect(await titles(as(third))).toEqual(['one']);
    expect(await titles(as(third))).toEqual(['one']);
    expect([hitsOf(one), hitsOf(other), hitsOf(third)]).toEqual([0, 1, 1]);
    expect(calls).toEqual(['second level', 0, 'hit', 0]);
    expect(other.cache.stats()).toMatchObject({ hits: 0, misses: 1, entries: 1 });
  });

  it('are the same, and frozen, whatever was asked', async () => {
    const [one, other] = [as(processOf()), as(processOf())];
    const reads: ((db: DatabaseHandle) => Promise<unknown>)[] = [
      (db) => db.select('notes', { cache: true }),
      (db) => db.select('notes', { filters: { id: 1 }, columns: ['id'], cache: true }),
      (db) => db.select('notes', { filters: { id: 99 }, cache: true }),
      (db) => db.selectOne('notes', { filters: { id: 1 }, cache: true }),
      (db) => db.selectMaybe('notes', { filters: { id: 99 }, cache: true }),
      (db) => db.count('notes', { cache: true }),
      (db) => db.rpc('place_names', {}, { cache: true }),
      (db) => db.rpc('nothing', {}, { cache: true }),
    ];
    const first = await Promise.all(reads.map((read) => read(one)));
    await kept(opened[0] as ConsolidatedDatabaseService, reads.length);
    const second = await Promise.all(reads.map((read) => read(other)));
    expect(second).toStrictEqual(first);
    expect(hitsOf(opened[1] as ConsolidatedDatabaseService)).toBe(reads.length);
    expect(second.every((each) => Object.isFrozen(each))).toBe(true);
    expect(Object.isFrozen((second[0] as { data: unknown }[])[0]?.data)).toBe(true);
  });

  it('are those of their user, of whom the store tells nothing', async () => {
    const [one, other] = [processOf(), processOf()];
    expect(await titles(as(one, ANN))).toEqual(['one']);
    await kept(one, 1);
    expect(await titles(as(other, BEN))).toEqual(['five']);
    expect(await titles(other.as(user({ sub: ANN, tenant: 'x' })))).toEqual(['one']);
    expect(hitsOf(other)).toBe(0);
    expect(store.text).not.toMatch(new RegExp(`${ANN}|${BEN}|one|five|notes`));
  });

  it('are those of identities only where there is a key', async () => {
    const [one, other] = [processOf({ encryptionKeys: [] }), processOf({ encryptionKeys: [] })];
    expect(await titles(as(one))).toEqual(['one']);
    expect(await titles(as(other))).toEqual(['one']);
    expect(store.gets).toBe(0);
    expect(store.text).toBe('');
  });

  it('are of public tables without a key, for all of the role', async () => {
    const level = { encryptionKeys: [] };
    const options = { cache: { public: ['places', 'notes'] } };
    const [one, other] = [processOf(level, options), processOf(level, options)];
    const names = (db: DatabaseHandle) =>
      db.select('places', { columns: ['name'], orderBy: 'id', cache: true });
    const first = await names(as(one, ANN));
    await kept(one, 1);
    expect(await names(as(other, BEN))).toEqual(first);
    expect(hitsOf(other)).toBe(1);
    // Its policy reads a claim, whatever the options say.
    await titles(as(one));
    expect(store.text).not.toContain('one');
  });

  it('are of one database, of one way to read numbers, and of the tags that were asked for', async () => {
    const one = processOf();
    const read = (db: ConsolidatedDatabaseService, cache: object = {}) =>
      as(db).select('notes', { cache: { ttlMs: 60_000, ...cache } });
    await read(one);
    await kept(one, 1);
    const others = [processOf({}, { largeNumbers: 'string' }), processOf({ namespace: 'other' })];
    for (const other of others) await read(other);
    expect(others.map(hitsOf)).toEqual([0, 0]);
    for (const other of others) await kept(other, 1);
    const [same, tagging] = [processOf(), processOf()];
    await read(same);
    await read(tagging, { tags: ['a'] });
    // The others have not taken its place.
    expect([hitsOf(same), hitsOf(tagging)]).toEqual([1, 0]);
  });

  it('are the same in every mode, for who says that the database is', async () => {
    const one = processOf({ namespace: 'notes' });
    const { session, transaction } = database.user;
    const pooled = [
      processOf({ namespace: 'notes' }, { direct: undefined, session }),
      processOf({ namespace: 'notes' }, { direct: undefined, transaction }),
    ];
    const notes = (db: ConsolidatedDatabaseService) => as(db).select('notes', { cache: true });
    const first = await notes(one);
    await kept(one, 1);
    for (const db of pooled) expect(await notes(db)).toStrictEqual(first);
    expect(pooled.map(hitsOf)).toEqual([1, 1]);
    const uncached = await as(pooled[1] as ConsolidatedDatabaseService).select('notes');
    expect(uncached).toStrictEqual(first);
  });

  it.each<[string, (db: DatabaseHandle) => Promise<unknown>]>([
    ['update', (db) => db.update('notes', { title: 'new' }, { filters: { id: 1 } })],
    ['raw SQL', (db) => db.sql`update notes set title = ${'new'} where id = 1`],
    [
      'transaction',
      (db) => db.transaction((tx) => tx.update('notes', { title: 'new' }, { filters: { id: 1 } })),
    ],
    ['batch', (db) => db.batch([db.build.update('notes', { title: 'new' }, { filters: { id: 1 } })])],
  ])('are never older than a write of the own service: %s', async (_name, write) => {
    const [one, writer, third] = [processOf(), processOf(), processOf()];
    await titles(as(one));
    await kept(one, 1);
    expect(await titles(as(writer))).toEqual(['one']);
    // The store learns of it as late as it likes.
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.beforeSet = (key) => (key.startsWith('cdb:stamp:') ? held : undefined);
    await write(as(writer));
    const mine = titles(as(writer));
    release();
    expect(await mine).toEqual(['new']);
    // Whoever asks from then on reads anew, or what the writer has read.
    expect(await titles(as(third))).toEqual(['new']);
  });

  it('are outdated by a write for all who ask the store, whether or not the writer reads', async () => {
    const [one, writer] = [processOf(), processOf()];
    await titles(as(one));
    await kept(one, 1);
    const stamps = () => store.keys('stamp').map((key) => store.read(key));
    const before = stamps();
    await as(writer).update('notes', { title: 'new' }, { filters: { id: 1 } });
    await expect.poll(stamps).not.toEqual(before);
    expect(await titles(as(processOf()))).toEqual(['new']);
  });

  it('are never what another process had read before the write and put there after it', async () => {
    const [slow, writer] = [processOf(), processOf()];
    await titles(as(writer, BEN));
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.beforeSet = (key) => (key.startsWith('cdb:answer:') ? held : undefined);
    expect(await titles(as(slow))).toEqual(['one']);
    await as(writer).update('notes', { title: 'new' }, { filters: { id: 1 } });
    release();
    await kept(slow, 1);
    expect(await titles(as(writer))).toEqual(['new']);
    expect(hitsOf(writer)).toBe(0);
  });

  it('are outdated by hand for all who ask the store, and by what was heard', async () => {
    const [one, other] = [processOf(), processOf({}, { cache: { listen: true } })];
    await titles(as(one));
    await kept(one, 1);
    await titles(as(other, BEN));
    await expect.poll(() => other.cache.stats().listening).toBe(true);
    // Behind everything that it has forgotten since it listens.
    await titles(as(other, BEN));
    const before = other.cache.stats().invalidations['other process'];
    await database.query(`update notes set title = 'past the services' where id = 1`);
    await expect.poll(() => other.cache.stats().invalidations['other process']).toBeGreaterThan(before);
    expect(await titles(as(other))).toEqual(['past the services']);
    await database.query(`alter table notes disable trigger cdb_tell_change; update notes set title = 'untold' where id = 1;
      alter table notes enable always trigger cdb_tell_change`);
    one.cache.invalidate({ tables: ['notes'] });
    expect(await titles(as(one))).toEqual(['untold']);
    expect(await titles(as(processOf()))).toEqual(['untold']);
  });

  it('are read anew behind a changed policy of which the catalog was told', async () => {
    const [one, other] = [processOf(), processOf()];
    await titles(as(one));
    await titles(as(other, BEN));
    await kept(one, 1);
    await database.query(
      `create policy all_of_them on notes for select using (true); update notes set title = 'two' where id = 5`,
    );
    try {
      await other.refreshCatalog();
      expect(await titles(as(other))).toEqual(['one', 'two']);
    } finally {
      await database.query('drop policy all_of_them on notes');
    }
  });

  it('are not asked for by a hit, which the store does not slow down', async () => {
    const db = processOf();
    await titles(as(db));
    await kept(db, 1);
    const { gets, sets } = store;
    store.beforeGiving = () => new Promise(() => {});
    for (let n = 0; n < 10; n++) await titles(as(db));
    expect([store.gets, store.sets]).toEqual([gets, sets]);
  });

  it.each(['fails', 'does not answer'])('are read from the database where the store %s', async (how) => {
    const events: ServiceEvent[] = [];
    const warnings: string[] = [];
    const db = processOf(
      { timeoutMs: 20 },
      {
        metrics: true,
        onEvent: (event) => events.push(event),
        onWarning: (message) => warnings.push(message),
      },
    );
    const broken = () => {
      if (how === 'fails') throw new Error('redis://user:password@host');
      return new Promise<void>(() => {});
    };
    store.beforeGiving = broken;
    store.beforeSet = broken;
    expect(await titles(as(db))).toEqual(['one']);
    expect(await titles(as(db))).toEqual(['one']);
    await as(db).update('notes', { title: 'new' }, { filters: { id: 1 } });
    expect(await titles(as(db))).toEqual(['new']);
    const away = events.filter(({ type }) => type === 'secondLevel');
    expect(away).toEqual([
      { type: 'secondLevel', change: 'away', reason: how === 'fails' ? 'failed' : 'timeout' },
    ]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain('password');
    expect(db.cache.stats().secondLevel).toMatchObject({ working: false, hits: 0, kept: 0 });
    store.beforeGiving = undefined;
    store.beforeSet = undefined;
    await expect.poll(() => db.cache.stats().secondLevel?.working, { timeout: 5_000 }).toBe(true);
    await titles(as(db, BEN));
    await kept(db, 1);
  });

  it('do not keep a call beyond its deadline, nor its abort', async () => {
    const db = processOf();
    await as(db).count('places');
    store.beforeGiving = () => new Promise(() => {});
    const controller = new AbortController();
    const aborted = as(db).count('notes', { cache: true, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(as(db).count('notes', { cache: true, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('are kept by Keyv as by any other', async () => {
    const keyv = keyvStore(new Keyv());
    const [one, other] = [processOf({ store: keyv }), processOf({ store: keyv })];
    await titles(as(one));
    await kept(one, 1);
    expect(await titles(as(other))).toEqual(['one']);
    expect(hitsOf(other)).toBe(1);
    await as(other).update('notes', { title: 'new' }, { filters: { id: 1 } });
    expect(await titles(as(other))).toEqual(['new']);
  });
});

describe('the options of the second level', () => {
  const withLevel = (secondLevel: object) => () =>
    createDatabaseService({ embedded: true, cache: { secondLevel } } as DatabaseServiceOptions);
  const store = new SharedStore();

  it.each<[object, string]>([
    [{}, "'cache.secondLevel.store'"],
    [{ store: {} }, 'such as keyvStore(keyv)'],
    [{ store, encryptionKeys: ['c2VjcmV0'] }, '32 random bytes'],
    [{ store, encryptionKeys: [randomBytes(31)] }, '32 random bytes'],
    [{ store, encryptionKeys: ['!'.repeat(43)] }, '32 random bytes'],
    [{ store, timeoutMs: 0 }, "'cache.secondLevel.timeoutMs'"],
    [{ store, url: 'redis://' }, "'cache.secondLevel.url'"],
  ])('are refused where they are wrong, and no key is told: %j', (level, message) => {
    expect(withLevel(level)).toThrow(message);
    expect(withLevel(level)).not.toThrow('c2VjcmV0');
  });

  it('take a key as bytes or in base64', async () => {
    const bytes = randomBytes(32);
    for (const key of [bytes, bytes.toString('base64'), bytes.toString('base64url')]) {
      await withLevel({ store, encryptionKeys: [key] })().close();
    }
  });
});
