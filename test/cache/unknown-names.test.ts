import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseService, type DatabaseServiceOptions, user } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

describeFullStack('what the options of the cache name and the database does not have', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key);
        create table seen (id int primary key);
        create view titles as select id from notes;
        create function add_note(id int) returns void language plpgsql as 'begin insert into notes values (id); end';
        create function note_ids() returns setof int language plpgsql stable as 'begin return query select notes.id from notes; end';
        create function see() returns trigger language plpgsql as 'begin return null; end';
        create trigger see after insert on notes execute function see();
        grant all on notes, seen, titles to authenticated`,
    });
  });
  afterAll(() => database.drop());

  function scene(cache: DatabaseServiceOptions['cache']) {
    const warnings: string[] = [];
    const onWarning = (message: string) => void (message.startsWith('Answers') || warnings.push(message));
    const db = createDatabaseService({ ...database.user, service: database.service, cache, onWarning });
    return { db, mine: db.as(ME), warnings, [Symbol.asyncDispose]: () => db.close() };
  }

  it('is nothing where it has all of them', async () => {
    await using own = scene({
      tables: { notes: { ttlMs: 5 }, 'public.titles': { ttlMs: 5 }, note_ids: { ttlMs: 5 } },
      public: ['notes', 'titles'],
      functions: {
        note_ids: { reads: ['titles'] },
        add_note: { writes: ['notes'] },
        see: { writes: ['seen'] },
      },
    });
    await own.mine.count('notes', { cache: true });
    await own.mine.rpc('add_note', { id: 1 });
    own.db.cache.invalidate({ tables: ['titles'] });
    expect(own.warnings).toEqual([]);
  });

  it('is told once, at the first read that asks for the cache', async () => {
    await using own = scene({
      tables: { note: { ttlMs: 5 } },
      public: ['other.notes'],
      functions: { notes_of: { reads: [] }, add_note: { reads: ['tripz'], writes: ['nots'] } },
    });
    await own.mine.count('notes');
    expect(own.warnings).toEqual([]);
    await own.mine.count('notes', { cache: true });
    await own.db.refreshCatalog();
    await own.mine.count('seen', { cache: true });
    expect(own.warnings).toEqual([
      expect.stringContaining(`'cache.tables' names "public.note"`),
      expect.stringContaining(`'cache.public' names "other.notes"`),
      expect.stringContaining(`'cache.functions' names "public.notes_of"`),
      expect.stringContaining(`"public.add_note" reads "public.tripz"`),
      expect.stringContaining(`'cache.functions' says that "public.nots" is written`),
    ]);
  });

  it('makes answers that depend on it uncached', async () => {
    await using own = scene({ functions: { note_ids: { reads: ['tripz'] } } });
    await own.mine.rpc('note_ids', {}, { cache: true });
    expect(own.db.cache.stats()).toMatchObject({ entries: 0, refused: { 'unknown relation': 1 } });
  });

  it('drops everything where it is written, and is told of a call too', async () => {
    await using own = scene({ functions: { add_note: { writes: ['nots'] } } });
    const keep = async () => {
      await own.mine.count('seen', { cache: true });
      expect(own.db.cache.stats().entries).toBe(1);
    };
    await keep();
    await own.mine.rpc('add_note', { id: 2 });
    expect(own.db.cache.stats().entries).toBe(0);
    await keep();
    own.warnings.length = 0;
    for (const id of [3, 4]) await own.mine.sql({ writes: ['notez'] })`insert into notes values (${id})`;
    expect(own.db.cache.stats().entries).toBe(0);
    await keep();
    own.db.cache.invalidate({ tables: ['notes', 'seem'] });
    expect(own.db.cache.stats().entries).toBe(0);
    expect(own.warnings).toEqual([
      expect.stringContaining(`The option 'writes' says that "public.notez" is written`),
      expect.stringContaining(`cache.invalidate() says that "public.seem" is written`),
    ]);
  });

  it('is what an invalidation means where it names a view: the table beneath it', async () => {
    await using own = scene({ functions: { see: { writes: [] } } });
    await own.mine.count('notes', { cache: true });
    await own.mine.count('seen', { cache: true });
    own.db.cache.invalidate({ tables: ['titles'] });
    await own.mine.count('notes', { cache: true });
    await own.mine.count('seen', { cache: true });
    expect(own.db.cache.stats()).toMatchObject({ hits: 1, misses: 3 });
  });
});
