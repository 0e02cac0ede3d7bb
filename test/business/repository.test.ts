import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createRepository,
  type DatabaseHandle,
  op,
  path,
  service,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

const SQL = `
  create table notes (
    id int primary key, title text not null, rank int, version int not null default 1, slug text unique,
    code text not null unique deferrable, meta jsonb not null default '{}', owner uuid not null default auth.uid()
  );
  create table readers (note_id int, user_id uuid, since timestamptz not null default now(), primary key (note_id, user_id));
  create table loose (id int not null, title text);
  create view titles with (security_invoker = true) as select id, title from notes;
  alter table notes enable row level security;
  create policy "read own" on notes for select to authenticated using (owner = auth.uid());
  create policy "write own" on notes for all to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
  grant all on notes, readers, loose, titles to authenticated, service_role;
`;
/** Ana has 1 to 7 with ties and nulls in rank, Ben has 8 and 9. */
const SEED = `
  truncate notes, readers, loose;
  insert into notes (id, title, rank, slug, code, owner) values
    (1, 'one', 5, 's1', 'c1', '${ANA}'), (2, 'two', null, 's2', 'c2', '${ANA}'), (3, 'three', 5, 's3', 'c3', '${ANA}'),
    (4, 'four', 1, 's4', 'c4', '${ANA}'), (5, 'five', null, 's5', 'c5', '${ANA}'), (6, 'six', 5, 's6', 'c6', '${ANA}'),
    (7, 'seven', 2, 's7', 'c7', '${ANA}'), (8, 'eight', 5, 's8', 'c8', '${BEN}'), (9, 'nine', null, null, 'c9', '${BEN}');
  insert into readers values (1, '${ANA}', '2026-01-02T03:04:05.678901Z'), (1, '${BEN}', default), (2, '${BEN}', default);
  insert into loose values (1, 'a'), (1, 'b');
`;

const missing = { name: 'NotFoundError', statusCode: 404, outcome: 'not-applied' };
const invalid = { name: 'ValidationError', statusCode: 400 };
const misused = { name: 'UsageError', statusCode: 500 };

const notesOf = (db: DatabaseHandle) => createRepository(db, 'notes');
const readersOf = (db: DatabaseHandle) => createRepository(db, 'readers', { key: ['note_id', 'user_id'] });

describeEveryMode('a repository', SQL, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ana: DatabaseHandle;
    let ben: DatabaseHandle;

    beforeAll(() => {
      db = modes.service(mode);
      ana = db.as(user({ sub: ANA }));
      ben = db.as(user({ sub: BEN }));
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(() => modes.query(mode, SEED));

    const all = async () =>
      (await db.as(service()).select('notes', { orderBy: 'id' })).map(({ id, title }) => `${id} ${title}`);

    it('finds the row of a key, where the caller may see it', async () => {
      const notes = notesOf(ana);
      expect(await notes.find(1, { columns: ['id', 'title'] })).toEqual({ id: 1, title: 'one' });
      expect(await notes.find(1)).toMatchObject({ id: 1, title: 'one', version: 1, owner: ANA });
      expect([await notes.find(8), await notes.find(99)]).toEqual([undefined, undefined]);
      expect(await notes.with(ben).find(8, { columns: ['title'] })).toEqual({ title: 'eight' });
    });

    it('gets it, or says that there is none', async () => {
      const notes = notesOf(ana);
      expect(await notes.get(1, { columns: ['title'] })).toEqual({ title: 'one' });
      await expect(notes.get(8)).rejects.toMatchObject(missing);
      await expect(notes.get(99)).rejects.toMatchObject(missing);
    });

    it('takes a key of several columns', async () => {
      const readers = readersOf(ana);
      const key = { note_id: 1, user_id: ANA };
      expect(await readers.get(key)).toEqual({ ...key, since: '2026-01-02T03:04:05.678901+00:00' });
      expect(await readers.find({ user_id: ANA, note_id: 2 })).toBe(undefined);
      await readers.update(key, { since: '2027-01-01T00:00:00Z' });
      await readers.remove(key);
      await expect(readers.remove(key)).rejects.toMatchObject(missing);
      expect((await readers.list({ columns: ['note_id', 'user_id'] })).rows).toEqual([
        { note_id: 1, user_id: BEN },
        { note_id: 2, user_id: BEN },
      ]);
    });

    it('takes a unique key that is not the primary one', async () => {
      const named = createRepository(ana, 'readers', { key: ['user_id', 'note_id'] });
      expect(await named.find({ note_id: 2, user_id: BEN }, { columns: ['note_id'] })).toEqual({
        note_id: 2,
      });
      const titles = createRepository(ana, 'titles');
      expect(await titles.find(1)).toEqual({ id: 1, title: 'one' });
    });

    it('believes the key of a view, but never writes several rows by it', async () => {
      await modes.query(mode, "update notes set title = 'same' where id <= 2");
      const titles = createRepository(ana, 'titles', { key: 'title' });
      await expect(titles.find('same')).rejects.toMatchObject({ ...misused, code: 'NOT_UNIQUE' });
      const several = { ...missing, code: 'EXPECTATION_FAILED' };
      await expect(titles.update('same', { title: 'other' })).rejects.toMatchObject(several);
      await expect(titles.remove('same')).rejects.toMatchObject(several);
      expect((await all()).slice(0, 2)).toEqual(['1 same', '2 same']);
      expect(await titles.update('three', { title: 'other' })).toEqual({ id: 3, title: 'other' });
    });

    it.each<[string, unknown, readonly number[]]>([
      ['the key', undefined, [1, 2, 3, 4, 5, 6, 7]],
      ['a column with ties and nulls', 'rank', [4, 7, 1, 3, 6, 2, 5]],
      ['it downwards', { column: 'rank', direction: 'desc' }, [5, 2, 6, 3, 1, 7, 4]],
      [
        'it downwards, nulls last',
        [{ column: 'rank', direction: 'desc', nulls: 'last' }],
        [6, 3, 1, 7, 4, 5, 2],
      ],
      ['it upwards, nulls first', { column: 'rank', nulls: 'first' }, [2, 5, 4, 7, 1, 3, 6]],
      ['two columns', ['rank', { column: 'title', direction: 'desc' }], [4, 7, 3, 6, 1, 2, 5]],
      ['the key itself', { column: 'id', direction: 'desc' }, [7, 6, 5, 4, 3, 2, 1]],
    ])('lists every row once by pages in the order of %s', async (_, given, expected) => {
      const notes = notesOf(ana);
      // An order of a table, as code that is not typed gives it.
      const orderBy = given as undefined;
      for (const limit of [1, 2, 3, 6, 7, 8]) {
        const seen: unknown[] = [];
        let pages = 0;
        let after: Record<string, unknown> | undefined;
        do {
          // As a client would send it back.
          const sent = after === undefined ? undefined : JSON.parse(JSON.stringify(after));
          const page = await notes.list({ orderBy, limit, after: sent, columns: ['title', 'id'] });
          seen.push(...page.rows.map(({ id }) => id));
          after = page.next;
          pages += 1;
        } while (after !== undefined);
        expect([limit, pages, seen]).toEqual([limit, Math.ceil(7 / limit), expected]);
      }
    });

    it('lists no more columns than were asked for, though the next page needs them', async () => {
      const { rows, next } = await notesOf(ana).list({ columns: ['title'], orderBy: ['rank'], limit: 2 });
      expect(rows).toEqual([{ title: 'four' }, { title: 'seven' }]);
      expect(next).toEqual({ rank: 2, id: 7 });
      const ofPaths = await notesOf(ana).list({ columns: [path('meta', 'from')], limit: 1 });
      expect(ofPaths).toEqual({ rows: [{ from: null }], next: { id: 1 } });
    });

    it('lists what matches, and counts all of it', async () => {
      const options = { filters: { rank: op.gte(5) }, limit: 2, columns: ['id'], count: 'exact' } as const;
      const page = await notesOf(ana).list(options);
      expect(page).toEqual({ rows: [{ id: 1 }, { id: 3 }], next: { id: 3 }, count: 3 });
      expect(await notesOf(ana).list({ ...options, after: page.next })).toEqual({
        rows: [{ id: 6 }],
        next: undefined,
        count: 3,
      });
      expect(await notesOf(ana).list({ filters: { rank: 77 } })).toEqual({ rows: [], next: undefined });
    });

    it('lists a hundred rows unless told otherwise', async () => {
      await modes.query(
        mode,
        `insert into notes (id, title, code, owner) select n, 'x', 'x' || n, '${BEN}' from generate_series(100, 250) n`,
      );
      const { rows, next } = await notesOf(ben).list();
      expect([rows.length, next]).toEqual([100, { id: rows[99]!.id }]);
    });

    it('creates a row or rows, and returns what was written', async () => {
      const notes = notesOf(ana);
      const row = { id: 20, title: 'new', code: 'c20' };
      expect(await notes.create(row)).toMatchObject({ id: 20, title: 'new', version: 1, owner: ANA });
      const rows = [21, 22].map((id) => ({ ...row, id, code: `c${id}` }));
      expect(await notes.create(rows, { returning: ['id'] })).toEqual([{ id: 21 }, { id: 22 }]);
      await expect(notes.create(row)).rejects.toMatchObject({ name: 'UniqueConstraintError', field: 'id' });
      const foreign = notes.create({ id: 23, title: 'x', code: 'c23', owner: BEN });
      await expect(foreign).rejects.toMatchObject({ name: 'AuthorizationError', statusCode: 403 });
    });

    it('updates one row, and only one of the caller', async () => {
      const notes = notesOf(ana);
      expect(await notes.update(1, { title: 'ONE' })).toMatchObject({ id: 1, title: 'ONE' });
      expect(await notes.update(2, { title: 'TWO' }, { returning: ['title'] })).toEqual({ title: 'TWO' });
      expect(await notes.update(3, { title: 'THREE' }, { returning: false })).toBe(1);
      await expect(notes.update(8, { title: 'mine' })).rejects.toMatchObject(missing);
      await expect(notes.update(99, { title: 'mine' })).rejects.toMatchObject(missing);
      expect(await all()).toEqual(
        ['1 ONE', '2 TWO', '3 THREE', '4 four', '5 five', '6 six', '7 seven', '8 eight', '9 nine'], // biome-ignore format: one line
      );
    });

    it('updates a row that is unchanged, and refuses one that is not', async () => {
      const notes = notesOf(ana);
      const changes = { title: 'ONE', version: 2 };
      const unchanged = { unchanged: { version: 1 } };
      expect(await notes.update(1, changes, unchanged)).toMatchObject(changes);
      const conflict = { name: 'ConflictError', code: 'CONFLICT', statusCode: 409, outcome: 'not-applied' };
      await expect(notes.update(1, changes, unchanged)).rejects.toMatchObject(conflict);
      await expect(notes.remove(1, unchanged)).rejects.toMatchObject(conflict);
      await expect(notes.update(8, changes, unchanged)).rejects.toMatchObject(missing);
      await expect(notes.update(99, changes, unchanged)).rejects.toMatchObject(missing);
      await notes.remove(1, { unchanged: { version: 2 } });
      expect(await notes.find(1)).toBe(undefined);
    });

    it('removes one row, and only one of the caller', async () => {
      const notes = notesOf(ana);
      expect(await notes.remove(1)).toBe(undefined);
      await expect(notes.remove(1)).rejects.toMatchObject(missing);
      await expect(notes.remove(8)).rejects.toMatchObject(missing);
      expect((await all()).length).toBe(8);
    });

    it.each<[string, unknown, object]>([
      ['undefined', undefined, misused],
      ['null', null, invalid],
      ['an operator', op.neq(0), misused],
      ['an operator for null', op.is(null), misused],
      ['a list', [1, 2], invalid],
      ['an object', { id: 1 }, invalid],
      ['what looks like an operator', { name: 'neq', value: 0 }, invalid],
      ['a text that is no number', "1' or '1'='1", invalid],
      ['a function', () => 1, misused],
      ['a promise', Promise.resolve(1), misused],
    ])('takes %s for no key, and touches no row', async (_, given, refused) => {
      const key = given as number;
      const before = await all();
      for (const repository of [notesOf(ana), createRepository(ana, 'titles')]) {
        await expect(repository.find(key)).rejects.toMatchObject(refused);
        await expect(repository.get(key)).rejects.toMatchObject(refused);
        await expect(repository.update(key, { title: 'x' })).rejects.toMatchObject(refused);
        await expect(repository.remove(key)).rejects.toMatchObject(refused);
      }
      expect(await all()).toEqual(before);
    });

    it.each<[string, unknown, object]>([
      ['undefined', undefined, misused],
      ['null', null, invalid],
      ['a value', 1, invalid],
      ['a list', [1, ANA], invalid],
      ['nothing', {}, misused],
      ['a half', { note_id: 1 }, misused],
      ['an undefined half', { note_id: 1, user_id: undefined }, misused],
      ['a null half', { note_id: 1, user_id: null }, invalid],
      ['an operator', { note_id: 1, user_id: op.neq(ANA) }, misused],
      ['more', { note_id: 1, user_id: ANA, since: null }, invalid],
      ['an inherited half', Object.create({ note_id: 1, user_id: ANA }), invalid],
      ['a prototype', JSON.parse(`{"note_id": 1, "__proto__": {"user_id": "${ANA}"}}`), invalid],
    ])('takes %s for no key of two columns, and touches no row', async (_, given, refused) => {
      const key = given as { note_id: number; user_id: string };
      const readers = readersOf(ana);
      await expect(readers.find(key)).rejects.toMatchObject(refused);
      await expect(readers.update(key, { since: '2027-01-01T00:00:00Z' })).rejects.toMatchObject(refused);
      await expect(readers.remove(key)).rejects.toMatchObject(refused);
      expect((await readers.list()).rows.length).toBe(3);
    });

    it.each<[string, string, string | [string, ...string[]], RegExp]>([
      ['a column that is not unique', 'notes', 'title', /"title", which several rows of "notes" may have/],
      ['one that may be null', 'notes', 'slug', /NOT_A_KEY|"slug", which several rows/],
      ['one that is unique only at the end', 'notes', 'code', /"code", which several rows/],
      ['half of a key', 'readers', 'note_id', /"note_id", which several rows of "readers" may have/],
      ['a column of a table without keys', 'loose', 'id', /"id", which several rows of "loose" may have/],
    ])('refuses %s as a key at the first call', async (_, table, key, message) => {
      const repository = createRepository(ana, table, { key });
      const value = (typeof key === 'string' ? 1 : { [key[0]]: 1 }) as never;
      const refused = { ...misused, code: 'NOT_A_KEY', message: expect.stringMatching(message) };
      await expect(repository.find(value)).rejects.toMatchObject(refused);
      await expect(repository.get(value)).rejects.toMatchObject(refused);
      await expect(repository.list()).rejects.toMatchObject(refused);
      await expect(repository.update(value, { [String(key)]: 'x' })).rejects.toMatchObject(refused);
      await expect(repository.remove(value)).rejects.toMatchObject(refused);
    });

    it('refuses names that do not exist, as the service does', async () => {
      const unknown = { ...misused, code: 'UNKNOWN_COLUMN', field: 'ID' };
      await expect(createRepository(ana, 'notes', { key: 'ID' }).find(1)).rejects.toMatchObject(unknown);
      await expect(createRepository(ana, 'notes', { key: 'ID' }).list()).rejects.toMatchObject(unknown);
      const relation = { ...misused, code: 'UNKNOWN_RELATION' };
      await expect(createRepository(ana, 'nots').find(1)).rejects.toMatchObject(relation);
      await expect(createRepository(ana, 'notes"; drop table notes; --').list()).rejects.toMatchObject(
        relation,
      );
    });

    it('refuses options that would widen what a key says, and unknown ones', async () => {
      const notes = notesOf(ana);
      const unknown = { ...misused, code: 'UNKNOWN_OPTION' };
      const wide = { filters: {} } as object;
      await expect(notes.find(1, wide)).rejects.toMatchObject(unknown);
      await expect(notes.get(1, wide)).rejects.toMatchObject(unknown);
      await expect(notes.update(1, { title: 'x' }, wide)).rejects.toMatchObject(unknown);
      await expect(notes.update(1, { title: 'x' }, { all: true } as object)).rejects.toMatchObject(unknown);
      await expect(notes.remove(1, { all: true } as object)).rejects.toMatchObject(unknown);
      await expect(notes.remove(1, { expect: 7 } as object)).rejects.toMatchObject(unknown);
      await expect(notes.create({ id: 50 }, { expect: 7 } as object)).rejects.toMatchObject(unknown);
      await expect(notes.list({ offset: 1 } as object)).rejects.toMatchObject(unknown);
      await expect(notes.list({ key: 'title' } as object)).rejects.toMatchObject(unknown);
      await expect(notes.list({ filters: undefined } as object)).rejects.toMatchObject(misused);
    });

    it.each<[string, unknown, object]>([
      ['no page', { limit: 0 }, invalid],
      ['a fraction', { limit: 1.5 }, invalid],
      ['a text as limit', { limit: '3' }, invalid],
      ['a position that lacks the key', { orderBy: 'rank', after: { rank: 5 } }, invalid],
      ['a position of another kind', { after: [7] }, invalid],
      ['a position that is no value', { after: { id: 'x' } }, invalid],
      ['an operator as a position', { after: { id: op.gt(0) } }, invalid],
      ['a position of unknown names', { after: { id: 1, ID: 2 } }, invalid],
      ['an order by a path', { orderBy: path('meta', 'from') }, misused],
      ['an order by a path in a term', { orderBy: [{ column: path('meta', 'from') }] }, misused],
      ['an order by nothing', { orderBy: [null] }, misused],
      ['an order by an unknown column', { orderBy: 'rank; drop table notes' }, misused],
      ['an unknown direction', { orderBy: { column: 'rank', direction: 'down' } }, misused],
      ['no columns', { columns: [] }, misused],
    ])('lists nothing by %s', async (_, options, refused) => {
      await expect(notesOf(ana).list(options as object)).rejects.toMatchObject(refused);
    });

    it('caches a read only where it is told to, and not beyond a write', async () => {
      const notes = notesOf(ana);
      const title = async (cache: boolean) => (await notes.get(1, { columns: ['title'], cache })).title;
      expect(await title(true)).toBe('one');
      await modes.query(mode, "update notes set title = 'elsewhere' where id = 1");
      expect([await title(true), await title(false)]).toEqual(['one', 'elsewhere']);
      const listed = async () => (await notes.list({ columns: ['title'], limit: 1, cache: true })).rows;
      expect(await listed()).toEqual([{ title: 'elsewhere' }]);
      await notes.update(1, { title: 'here' });
      expect([await title(true), await listed()]).toEqual(['here', [{ title: 'here' }]]);
      expect(await notes.with(ben).find(1, { columns: ['title'], cache: true })).toBe(undefined);
    });
  });

  describe.each(PINNED)('in a transaction in %s mode', (mode) => {
    let db: ConsolidatedDatabaseService;
    let ana: DatabaseHandle;

    beforeAll(() => {
      db = modes.service(mode);
      ana = db.as(user({ sub: ANA }));
    });
    afterAll(() => db.close({ drainMs: 0 }));
    beforeEach(() => modes.query(mode, SEED));

    const row = (id: number) => ({ id, title: `new ${id}`, code: `c${id}` });
    const added = async () =>
      (await db.as(service()).select('notes', { filters: { id: op.gt(9) }, orderBy: 'id' })).map(
        ({ id }) => id,
      );

    it('commits what it did, with all that belongs to it, and answers with what the function returns', async () => {
      const readers = readersOf(ana);
      const result = await notesOf(ana).withTransaction(async (notes, tx) => {
        const { id } = await notes.create(row(10));
        await readers.with(tx).create({ note_id: id as number, user_id: ANA });
        await notes.update(10, { title: 'later' });
        return notes.get(10, { columns: ['title'] });
      });
      expect(result).toEqual({ title: 'later' });
      expect(await readers.find({ note_id: 10, user_id: ANA })).toBeDefined();
      expect(await added()).toEqual([10]);
    });

    it('undoes all of it when the function throws, and hands on its error', async () => {
      const error = new RangeError('no');
      const failed = notesOf(ana).withTransaction(async (notes) => {
        await notes.create(row(10));
        await notes.remove(1);
        throw error;
      });
      await expect(failed).rejects.toBe(error);
      expect([await added(), (await notesOf(ana).get(1)).title]).toEqual([[], 'one']);
    });

    it('undoes all of it when a row is missing', async () => {
      const failed = notesOf(ana).withTransaction(async (notes) => {
        await notes.create(row(10));
        await notes.remove(8);
      });
      await expect(failed).rejects.toMatchObject(missing);
      expect(await added()).toEqual([]);
    });

    it('joins an open transaction by a savepoint, which is undone alone', async () => {
      const outer = notesOf(ana);
      await ana.transaction(async (tx) => {
        const notes = outer.with(tx);
        await notes.create(row(10));
        await notes.withTransaction(async (inner) => {
          await inner.create(row(11));
          const lost = inner.withTransaction(async (innermost) => {
            await innermost.create(row(12));
            await innermost.create(row(10));
          });
          await expect(lost).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
          await inner.create(row(13));
        });
        await createRepository(tx, 'notes').create(row(14));
        expect((await notes.list({ filters: { id: op.gt(9) }, columns: ['id'] })).rows.length).toBe(4);
      });
      expect(await added()).toEqual([10, 11, 13, 14]);
    });

    it('is undone with the transaction that it joined', async () => {
      const failed = ana.transaction(async (tx) => {
        await notesOf(ana)
          .with(tx)
          .withTransaction((notes) => notes.create(row(10)));
        throw new RangeError('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect(await added()).toEqual([]);
    });

    it('keeps its options to the outermost, and a repository of another handle outside', async () => {
      const notes = notesOf(ana);
      const reading = notes.withTransaction((inside) => inside.create(row(10)), { readOnly: true });
      await expect(reading).rejects.toMatchObject({ code: 'READ_ONLY' });
      await notes.withTransaction(async (inside) => {
        const nested = inside.withTransaction(async () => undefined, { readOnly: true });
        await expect(nested).rejects.toMatchObject({ code: 'INVALID_OPTION' });
        await expect(notes.create(row(10))).rejects.toMatchObject({ code: 'TRANSACTION_BYPASSED' });
      });
      expect(await added()).toEqual([]);
    });

    it('refuses to act when it has ended', async () => {
      const kept = await notesOf(ana).withTransaction(async (notes) => notes);
      await expect(kept.find(1)).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
    });
  });
});

describe('the options of a repository', () => {
  it.each<[string, unknown]>([
    ['an unknown one', { keys: 'id' }],
    ['no name', { key: 7 }],
    ['an undefined key', { key: undefined }],
    ['no columns', { key: [] }],
    ['what are no names', { key: ['id', 7] }],
    ['what are no options', 'id'],
  ])('are not %s', (_, options) => {
    const make = () => createRepository({} as DatabaseHandle, 'notes', options as object);
    expect(make).toThrow(expect.objectContaining(misused));
  });
});
