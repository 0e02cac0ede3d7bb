import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CacheOption } from '../../src/consolidated/typed/cache-options.ts';
import { systemClock } from '../../src/contract/clock.ts';
import {
  type ConsolidatedDatabaseService,
  type DatabaseHandle,
  fragment,
  op,
  service,
  type TransactionHandle,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';

const ANN = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

const SQL = `
create table projects (id int primary key, name text not null);
create table members (project_id int references projects on delete cascade, user_id uuid, primary key (project_id, user_id));
create table notes (
  id int primary key, project_id int not null references projects on delete cascade, title text not null
);
alter table notes enable row level security;
create policy members on notes using (exists (
  select from members m where m.project_id = notes.project_id and m.user_id = (select auth.uid())));
grant all on projects, members, notes to authenticated, service_role;
create view titles with (security_invoker) as select id, title from notes;
grant select on titles to authenticated, service_role;
create function rename(of int, title text) returns void language sql volatile as
  'update notes set title = rename.title where id = of';
create function note_titles() returns setof text language sql stable as 'select title from notes order by id';
create table audited (id int primary key, note int);
create table audit (id int);
create function audit() returns trigger language plpgsql as 'begin insert into audit values (new.id); return null; end';
create trigger audit after insert on audited for each row execute function audit();
grant all on audited, audit to authenticated, service_role;
create table plans (id int primary key, at timestamptz, word text);
grant all on plans to authenticated;
create table revoked (jti text primary key);
create table secrets (id int primary key);
alter table secrets enable row level security;
create policy unrevoked on secrets using (not exists (select from revoked r where r.jti = (select auth.jwt() ->> 'jti')));
grant all on revoked, secrets to authenticated;
`;

type Write = (db: DatabaseHandle | TransactionHandle) => Promise<unknown>;

/** What changes what ann sees of the notes, and how she may do it by herself. */
const WRITES: readonly (readonly [name: string, write: Write])[] = [
  ['insert', (db) => db.insert('notes', { id: 2, project_id: 1, title: 'two' })],
  ['upsert', (db) => db.upsert('notes', { id: 1, project_id: 1, title: 'other' })],
  ['update', (db) => db.update('notes', { title: 'other' }, { filters: { id: 1 } })],
  ['delete', (db) => db.delete('notes', { filters: { id: 1 } })],
  ['batch', (db) => db.batch([db.build.count('members'), db.build.delete('notes', { filters: { id: 1 } })])],
  ['a volatile function', (db) => db.rpc('rename', { of: 1, title: 'other' })],
  [
    'a volatile function that says what',
    (db) => db.rpc('rename', { of: 1, title: 'other' }, { writes: ['notes'] }),
  ],
  ['raw SQL', (db) => db.sql`update notes set title = ${'other'} where id = 1`],
  ['raw SQL that says what', (db) => db.sql({ writes: ['public.notes'] })`delete from notes where id = 1`],
  ['a cascade', (db) => db.delete('projects', { filters: { id: 1 } })],
  ['a table that the policy reads', (db) => db.delete('members', { filters: { user_id: ANN } })],
];

describeEveryMode('a cached read', SQL, (modes) => {
  describe.each(MODES)('in the mode %s', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ann: DatabaseHandle;
    let ben: DatabaseHandle;

    beforeAll(() => {
      db = modes.service(mode, {
        onWarning: () => {},
        cache: { functions: { note_titles: { reads: ['notes', 'members'] } } },
      });
      ann = db.as(user({ sub: ANN }));
      ben = db.as(user({ sub: BEN }));
    });
    afterAll(() => db.close());
    beforeEach(async () => {
      await modes.query(
        mode,
        `truncate projects, members, notes, audited, audit;
        insert into projects values (1, 'first'), (2, 'second');
        insert into members values (1, '${ANN}'), (2, '${BEN}');
        insert into notes values (1, 1, 'one'), (5, 2, 'five')`,
      );
      db.cache.flush();
    });

    const titles = (db: DatabaseHandle) =>
      db.select('notes', { columns: ['id', 'title'], orderBy: 'id', cache: true });
    /** Reads without the cache. */
    const truth = (db: DatabaseHandle) => db.select('notes', { columns: ['id', 'title'], orderBy: 'id' });

    it('is answered from memory the second time, as the first', async () => {
      const before = db.cache.stats();
      const first = await titles(ann);
      expect(await titles(ann)).toBe(first);
      const { hits, misses } = db.cache.stats();
      expect([hits - before.hits, misses - before.misses]).toEqual([1, 1]);
    });

    it('is that of its user', async () => {
      expect(await titles(ann)).toEqual([{ id: 1, title: 'one' }]);
      expect(await titles(ben)).toEqual([{ id: 5, title: 'five' }]);
      expect(await titles(ann)).toEqual([{ id: 1, title: 'one' }]);
      expect(await titles(db.as(service()))).toHaveLength(2);
      expect(await titles(db.as(user({ sub: ANN, tenant: 'x' })))).not.toBe(await titles(ann));
    });

    it('keeps methods apart that read the same', async () => {
      const filters = { id: 1 };
      const [many, one, maybe] = await Promise.all([
        ann.select('notes', { filters, cache: true }),
        ann.selectOne('notes', { filters, cache: true }),
        ann.selectMaybe('notes', { filters, cache: true }),
      ]);
      expect(many).toEqual([one]);
      expect(maybe).toEqual(one);
      expect(await ann.select('notes', { filters, cache: true })).toBe(many);
      expect(await ann.selectOne('notes', { filters, cache: true })).toBe(one);
    });

    it.each(WRITES)('sees the write of its own service at once: %s', async (_name, write) => {
      const before = await titles(ann);
      const [count, view, called] = await Promise.all([
        ann.count('notes', { cache: true }),
        ann.select('titles', { cache: true }),
        ann.rpc('note_titles', {}, { cache: true }),
      ]);
      expect([count, view, called]).toEqual([1, before, ['one']]);
      await write(ann);
      const after = await truth(ann);
      expect(after).not.toEqual(before);
      expect(await titles(ann)).toEqual(after);
      expect(await ann.count('notes', { cache: true })).toBe(after.length);
      expect(await ann.select('titles', { cache: true })).toEqual(after);
      expect(await ann.rpc('note_titles', {}, { cache: true })).toEqual(after.map(({ title }) => title));
    });

    it('is kept through writes to what it does not depend on', async () => {
      const before = await titles(ann);
      await ann.insert('audit', { id: 9 });
      await ann.sql({ writes: [] })`select 1`;
      await ann.sql({ access: 'read' })`select 1`;
      await ann.count('notes');
      expect(await titles(ann)).toBe(before);
    });

    it('is read anew after a write to a table with a trigger, which may write anything', async () => {
      const before = await titles(ann);
      await ann.insert('audited', { id: 1 });
      expect(await titles(ann)).not.toBe(before);
    });

    it('is read anew after a write that failed', async () => {
      const before = await titles(ann);
      await expect(ann.insert('notes', { id: 1, project_id: 1, title: 'again' })).rejects.toMatchObject({
        code: 'UNIQUE_VIOLATION',
      });
      const after = await titles(ann);
      expect(after).toEqual(before);
      expect(after).not.toBe(before);
    });

    it('is dropped for its table or its tag', async () => {
      const tagged = () => ann.count('notes', { cache: { tags: ['mine'] } });
      expect(await tagged()).toBe(1);
      await modes.query(mode, 'delete from notes');
      expect(await tagged()).toBe(1);
      db.cache.invalidate({ tags: ['mine'] });
      expect(await tagged()).toBe(0);
      await modes.query(mode, `insert into notes values (1, 1, 'one')`);
      expect(await tagged()).toBe(0);
      db.cache.invalidate({ tables: ['notes'] });
      expect(await tagged()).toBe(1);
    });

    it.each([
      ['a view of it', ['titles']],
      ['what cascades to it', ['public.projects']],
      ['nothing that is known, which may be anything', ['public.unknown']],
    ])('is dropped for %s', async (_what, tables) => {
      const before = await titles(ann);
      db.cache.invalidate({ tables: ['audit'] });
      expect(await titles(ann)).toBe(before);
      db.cache.invalidate({ tables });
      expect(await titles(ann)).not.toBe(before);
    });

    it('is refused for an identity whose token has expired', async () => {
      let skewMs = 0;
      await using own = modes.service(mode, {
        clock: { ...systemClock, wallNow: () => Date.now() + skewMs },
        onWarning: () => {},
      });
      const brief = own.as(user({ sub: ANN, exp: Math.floor(Date.now() / 1_000) + 3_600 }));
      await titles(brief);
      await titles(brief);
      expect(own.cache.stats().hits).toBe(1);
      skewMs = 3_600_000;
      await expect(titles(brief)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    });

    it('is not kept where a value is a word for a moment, unless somebody says for how long', async () => {
      const ahead = (cache: CacheOption) => ann.count('plans', { filters: { at: op.gt('now') }, cache });
      const word = () => ann.select('plans', { filters: { word: 'now' }, cache: true });
      expect([await ahead(true), await ahead({ ttlMs: 60_000 }), (await word()).length]).toEqual([0, 0, 0]);
      await modes.query(mode, `insert into plans values (1, now() + interval '1 day', 'now')`);
      expect([await ahead(true), await ahead({ ttlMs: 60_000 }), (await word()).length]).toEqual([1, 0, 0]);
      await modes.query(mode, 'delete from plans');
    });

    it('is not kept where a policy tells tokens of one user apart', async () => {
      await modes.query(
        mode,
        `truncate revoked, secrets; insert into secrets values (1); insert into revoked values ('2')`,
      );
      const seen = (jti: string) => db.as(user({ sub: ANN, jti })).count('secrets', { cache: true });
      expect([await seen('1'), await seen('2'), await seen('1')]).toEqual([1, 0, 1]);
      expect(await ann.explainCache(ann.build.count('secrets'))).toMatchObject({ reason: 'claim left out' });
    });

    it('tells what it depends on, and what a write outdates', async () => {
      const { build } = ann;
      expect(await ann.explainCache(build.select('notes'))).toEqual({
        cacheable: true,
        dependsOn: ['public.members', 'public.notes'],
        sharedBy: 'identity',
        ttlMs: 60_000,
        swrMs: 0,
      });
      expect(
        await ann.explainCache(build.insert('notes', { id: 7, project_id: 1, title: 'x' })),
      ).toMatchObject({
        cacheable: false,
        reason: 'not a read',
        outdates: ['public.notes'],
      });
      expect(await ann.explainCache(build.delete('projects', { filters: { id: 1 } }))).toMatchObject({
        outdates: ['public.members', 'public.notes', 'public.projects'],
      });
      expect(await ann.explainCache(build.insert('audited', { id: 1 }))).toMatchObject({
        outdates: 'everything',
      });
    });
  });

  describe.each(PINNED)('beside a transaction in the mode %s', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ann: DatabaseHandle;

    beforeAll(() => {
      db = modes.service(mode, { onWarning: () => {} });
      ann = db.as(user({ sub: ANN }));
    });
    afterAll(() => db.close());
    beforeEach(async () => {
      await modes.query(
        mode,
        `truncate projects, members, notes, audited, audit;
        insert into projects values (1, 'first'); insert into members values (1, '${ANN}'); insert into notes values (1, 1, 'one')`,
      );
      db.cache.flush();
    });

    const titles = (db: DatabaseHandle) =>
      db.select('notes', { columns: ['id', 'title'], orderBy: 'id', cache: true });

    it.each(WRITES)('sees what it has written as soon as it is committed: %s', async (_name, write) => {
      const before = await titles(ann);
      await ann.transaction((tx) => write(tx));
      const after = await ann.select('notes', { columns: ['id', 'title'], orderBy: 'id' });
      expect(after).not.toEqual(before);
      expect(await titles(ann)).toEqual(after);
    });

    it.each(WRITES)('sees what a savepoint has written: %s', async (_name, write) => {
      const before = await titles(ann);
      await ann.transaction((tx) => tx.transaction((inner) => write(inner)));
      expect(await titles(ann)).not.toEqual(before);
    });

    it('is never answered from memory inside of it, and frozen there too', async () => {
      const before = await titles(ann);
      await ann.transaction(async (tx) => {
        await tx.update('notes', { title: 'other' }, { filters: { id: 1 } });
        const inside = await tx.select('notes', { columns: ['id', 'title'], cache: true });
        expect(inside).toEqual([{ id: 1, title: 'other' }]);
        expect(Object.isFrozen(inside[0])).toBe(true);
      });
      expect(before).toEqual([{ id: 1, title: 'one' }]);
    });

    it('is what it was after a rollback', async () => {
      const before = await titles(ann);
      const thrown = ann.transaction(async (tx) => {
        await tx.delete('notes', { filters: { id: 1 } });
        throw new Error('enough');
      });
      await expect(thrown).rejects.toThrow('enough');
      expect(await titles(ann)).toEqual(before);
      expect(await titles(ann)).toBe(await titles(ann));
    });

    it('is not outdated by a stream', async () => {
      const before = await titles(ann);
      for await (const row of ann.stream('notes')) expect(row).toMatchObject({ id: 1 });
      for await (const row of ann.stream(fragment`select 1 as one`)) expect(row).toEqual({ one: 1 });
      expect(await titles(ann)).toBe(before);
    });
  });
});
