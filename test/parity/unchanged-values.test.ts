import { expect, it } from 'vitest';
import { type DatabaseHandle, user } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';

const SQL = `
  create table loose (
    id int primary key, note text, every interval, plain text, area box, ring circle,
    spans interval[], amount numeric, amounts numeric[], at timestamptz, meta jsonb, spot point, vector extensions.vector(3),
    tags text[]
  );
  create view by_trigger as select id, note from loose;
  create function do_nothing() returns trigger language plpgsql as $$ begin return null; end $$;
  create trigger write instead of update or delete on by_trigger for each row execute function do_nothing();
  create view over_trigger as select * from by_trigger;
  create view by_rule as select id, note from loose;
  create rule change as on update to by_rule do instead update loose set note = new.note where id = old.id;
  create rule remove as on delete to by_rule do instead delete from loose where id = old.id;
  create table kept (id int primary key, note text);
  insert into kept values (1, 'a');
  create trigger keep before update on kept for each row execute function do_nothing();
  grant select, insert, update, delete on loose, kept, by_trigger, over_trigger, by_rule to authenticated;
`;
const ana = { identity: user({ sub: '00000000-0000-4000-8000-00000000000a' }) };

describeFourModes('unchanged', SQL, (modes) => {
  const conflict = { name: 'ConflictError', code: 'CONFLICT', statusCode: 409, outcome: 'not-applied' };
  const update = (unchanged: object) => (db: DatabaseHandle) =>
    db.update('loose', { note: 'x' }, { filters: { id: 1 }, unchanged, returning: false } as never);

  /** Two values that are equal by `=`, and differ. */
  it.each<[string, string, unknown]>([
    ['every', "interval '30 days'", '1 mon'],
    ['plain', "'a '", 'a'],
    ['area', "box '(2,2),(0,0)'", '(4,1),(0,0)'],
    ['ring', "circle '<(0,0),2>'", '<(9,9),2>'],
    ['spans', "array[interval '30 days']", ['1 mon']],
  ])('tells values that are equal and not the same: %s', async (column, sql, seen) => {
    const options = {
      ...ana,
      reset: `delete from loose; insert into loose (id, ${column}) values (1, ${sql})`,
    };
    expect(await modes.alikeError(update({ [column]: seen }), options)).toMatchObject(conflict);
    const again = async (db: DatabaseHandle) => {
      const row = await db.selectOne('loose', { filters: { id: 1 } });
      return update({ [column]: row[column] })(db);
    };
    expect(await modes.alike(again, options)).toBe(1);
  });

  it.each<[string, unknown]>([
    ['amount', 1],
    ['amount', '1.0'],
    ['amounts', [1, 2.5]],
    ['at', '2026-01-02T03:04:05+01:00'],
    ['meta', { b: 1, a: [1] }],
    ['spot', '(1,2)'],
    ['vector', [1, 2.5, 3]],
    ['tags', ['a', null, '"']],
  ])('takes values that are written in another way for the same: %s %j', async (column, seen) => {
    const reset = `delete from loose; insert into loose (id, amount, amounts, at, meta, spot, vector, tags)
      values (1, 1.00, '{1.0,2.50}', '2026-01-02T02:04:05Z', '{"a": [1.00], "b": 1}', '(1,2)', '[1,2.5,3]', array['a', null, '"'])`;
    const run = (db: DatabaseHandle) =>
      db.delete('loose', { filters: { id: 1 }, unchanged: { [column]: seen }, returning: false } as never);
    expect(await modes.alike(run, { ...ana, reset })).toBe(1);
  });

  /** PGlite of these tests has neither. */
  it('looks through collations and types that ignore case', async () => {
    await modes.query(
      'direct',
      `create extension if not exists citext with schema extensions;
      create collation anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table cased (
        id int primary key, word text collate anycase, words text[] collate anycase, nocase extensions.citext
      );
      insert into cased values (1, 'A', '{A}', 'A');
      grant all on cased to authenticated`,
    );
    const db = modes.service('direct').as(ana.identity);
    for (const unchanged of [{ word: 'a' }, { words: ['a'] }, { nocase: 'a' }]) {
      const changed = db.update('cased', { id: 1 }, { filters: { id: 1 }, unchanged } as never);
      await expect(changed).rejects.toMatchObject(conflict);
    }
    const unchanged = { word: 'A', words: ['A'], nocase: 'A' };
    const same = { filters: { id: 1 }, unchanged, returning: false } as never;
    expect(await db.update('cased', { id: 1 }, same)).toBe(1);
  });

  it.each(['by_trigger', 'over_trigger', 'by_rule'])(
    'is refused where Postgres does not lock the row: %s',
    async (view) => {
      const options = { filters: { id: 1 }, unchanged: { note: null } } as never;
      for (const run of [
        (db: DatabaseHandle) => db.update(view, { note: 'x' }, options),
        (db: DatabaseHandle) => db.delete(view, options),
        (db: DatabaseHandle) => db.batch([db.build.delete(view, options)]),
      ]) {
        expect(await modes.alikeError(run, ana)).toMatchObject({ name: 'UsageError', code: 'WRONG_CALL' });
      }
      await expect(modes.service('direct').as(ana.identity).delete(view, options)).rejects.toThrow(
        `'unchanged' does not work on "${view}"`,
      );
    },
  );

  it('says that a row which a trigger skips may be there', async () => {
    for (const mode of ['direct', 'transaction'] as const) {
      const db = modes.service(mode).as(ana.identity);
      const error = await db
        .update('kept', { note: 'x' }, { filters: { id: 1 }, unchanged: { note: 'a' } })
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('BEFORE trigger') });
    }
  });
});
