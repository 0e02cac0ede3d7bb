import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseService, user } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

describeFullStack('what the cache tells of itself', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key);
        create view soon as select * from notes where now() > 'epoch';
        grant all on notes, soon to authenticated;
        create function add_note(id int) returns void language sql volatile as 'insert into notes values (id)'`,
    });
  });
  afterAll(() => database.drop());

  it('is what it did, in stats() and in the metrics', async () => {
    await using db = createDatabaseService({
      ...database.user,
      service: database.service,
      metrics: true,
      onWarning: () => {},
      cache: { functions: { add_note: { writes: ['notes'] } } },
    });
    const mine = db.as(ME);
    expect(db.cache.stats()).toMatchObject({
      hits: 0,
      misses: 0,
      entries: 0,
      bytes: 0,
      listening: undefined,
    });
    await Promise.all([mine.count('notes', { cache: true }), mine.count('notes', { cache: true })]);
    await mine.count('notes', { cache: true });
    await mine.count('soon', { cache: true });
    expect(db.cache.stats()).toMatchObject({
      hits: 1,
      shared: 1,
      misses: 1,
      refused: { time: 1 },
      entries: 1,
    });
    await mine.insert('notes', { id: 1 });
    await mine.transaction(async (tx) => {
      await tx.insert('notes', { id: 2 });
      await tx.delete('notes', { filters: { id: 2 } });
    });
    await mine.rpc('add_note', { id: 3 });
    await mine.sql({ writes: ['notes'] })`delete from notes where id = 3`;
    await mine.sql`delete from notes`;
    await mine.sql({ access: 'read' })`select 1 as one`;
    db.cache.invalidate({ tags: ['a'], tables: ['notes'] });
    db.cache.flush();
    const { invalidations } = db.cache.stats();
    expect(invalidations).toEqual({
      write: 2,
      declared: 2,
      everything: 1,
      'unknown outcome': 0,
      'other process': 0,
      'listener away': 0,
      'by hand': 2,
    });
    const { body } = await db.metrics();
    const shown = body.split('\n').filter((line) => line.startsWith('cdb_cache_'));
    const own = 'service="consolidated-db"';
    expect(shown).toEqual(
      expect.arrayContaining([
        `cdb_cache_reads_total{${own},result="hit"} 1`,
        `cdb_cache_reads_total{${own},result="shared"} 1`,
        `cdb_cache_refused_reads_total{${own},reason="time"} 1`,
        `cdb_cache_invalidations_total{${own},cause="everything"} 1`,
        `cdb_cache_entries{${own}} 0`,
        `cdb_cache_max_bytes{${own}} 67108864`,
      ]),
    );
    expect(shown.join('\n')).not.toContain('cdb_cache_listening');
  });

  it('is whether it listens, once it is used', async () => {
    const changes: unknown[] = [];
    let listens = (): void => {};
    const listening = new Promise<void>((resolve) => {
      listens = resolve;
    });
    await using db = createDatabaseService({
      ...database.user,
      service: database.service,
      metrics: true,
      cache: { listen: true },
      onEvent: (event) => {
        if (event.type !== 'cacheListener') return;
        changes.push(event.change);
        listens();
      },
    });
    expect(db.cache.stats().listening).toBeUndefined();
    await db.as(ME).count('notes', { cache: true });
    await listening;
    expect(changes).toEqual(['listening']);
    expect(db.cache.stats()).toMatchObject({ listening: true, invalidations: { 'listener away': 2 } });
    expect((await db.metrics()).body).toContain('cdb_cache_listening{service="consolidated-db"} 1');
  });
});
