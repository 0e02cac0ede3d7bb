import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService, type DatabaseHandle, service } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const MODES = ['direct', 'session', 'transaction'] as const;
type Mode = (typeof MODES)[number];

/** Type before, type after, text of the value then, and the value or the code that the caller gets. */
type Change = readonly [before: string, after: string, stored: string, right: unknown];

const TOO_LARGE = { code: 'NUMBER_TOO_LARGE' };

/** Changes that JSON alone does not show: it rounds, or the value travels as text. */
const CHANGES: readonly Change[] = [
  ['int4', 'int8', '9007199254740993', TOO_LARGE],
  ['int4', 'int8', '7', 7],
  ['int4', 'numeric', '12345678901234567890', TOO_LARGE],
  ['int2', 'int4', '70000', 70_000],
  ['int4', 'float8', '1.5', 1.5],
  ['float8', 'int8', '9007199254740993', TOO_LARGE],
  ['float8', 'numeric', '0.12345678901234567890123', TOO_LARGE],
  ['float4', 'numeric', '1.5', 1.5],
  ['int8', 'text', '00123', '00123'],
  ['int8', 'bool', 'true', true],
  ['int8', 'jsonb', '{"a": 1}', { a: 1 }],
  ['int8', 'timestamptz', '2024-02-29 12:00:00+00', '2024-02-29T12:00:00+00:00'],
  ['numeric', 'text', '1.50', '1.50'],
  ['numeric', 'float8', '0.1', 0.1],
  ['int8[]', 'text[]', '{1,2}', ['1', '2']],
  ['float8[]', 'numeric[]', '{0.12345678901234567890123}', TOO_LARGE],
  ['text[]', 'int8[]', '{1,2}', [1, 2]],
  ['text', 'int8', '7', 7],
  ['bool', 'int4', '1', 1],
  ['text', 'mood', 'calm', 'calm'],
  ['text', 'mood[]', '{calm}', ['calm']],
  ['text', 'place', '(7,Rome)', { n: 7, city: 'Rome' }],
];

describeFullStack('a column that changes beneath a kept catalog', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  function open(mode: Mode) {
    return createDatabaseService({
      [mode]: database.user[mode],
      service: { [mode]: database.service[mode] },
      pools: { [mode]: { max: 1 } },
    });
  }

  async function remake(type: string, stored?: string): Promise<void> {
    // Types that no catalog that was read before can know.
    await database.query(`drop table if exists things; drop type if exists mood, place;
      create type mood as enum ('calm'); create type place as (n int4, city text);
      create table things (id int4 primary key, value ${type})`);
    if (stored === undefined) return;
    await database.query(`insert into things select 1, $1::text::${type}`, [stored]);
  }

  const CALLS: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
    select: (db) => db.select('things', { columns: ['value'] }),
    'select in order, with its count': async (db) =>
      (await db.select('things', { columns: ['value'], orderBy: 'id', count: 'exact' })).rows,
    update: (db) => db.update('things', { id: 1 }, { filters: { id: 1 }, returning: ['value'], expect: 1 }),
  };

  describe.each(MODES)('in %s mode', (mode) => {
    describe.each(Object.entries(CALLS))('%s', (name, call) => {
      it.each(CHANGES)('is right after a change from %s to %s: %s', async (before, after, stored, right) => {
        await using db = open(mode);
        const mine = db.as(service());
        await remake(before);
        await mine.select('things');
        await remake(after, stored);
        const answer = await call(mine).catch((error: unknown) => error);
        if (!(answer instanceof Error)) return expect(answer).toEqual([{ value: right }]);
        // A document that a write left cannot be asked for in other words.
        const applied = {
          outcome: 'applied',
          code: expect.stringMatching(/^(NUMBER_TOO_LARGE|COLUMNS_CHANGED)$/),
        };
        expect(answer).toMatchObject(name === 'update' ? applied : TOO_LARGE);
        if (name !== 'update' || mode !== 'transaction') expect(right).toBe(TOO_LARGE);
      });
    });

    it('is written once, whatever becomes of its answer', async () => {
      for (const [before, after, stored] of CHANGES) {
        // Another one each time: no schema changes as often in so short a time.
        await using db = open(mode);
        const mine = db.as(service());
        await remake(before);
        await database.query('alter table things add column row int generated always as identity');
        await mine.select('things').catch(() => undefined);
        await remake(after);
        await database.query('alter table things add column row int generated always as identity');
        await database.query(
          `create or replace function fill() returns trigger language plpgsql as
             $$ begin new.value := '${stored}'::text::${after}; return new; end $$;
           create trigger fill before insert on things for each row execute function fill()`,
        );
        const answer = await mine.insert('things', { id: 1 }).catch((error: unknown) => error);
        const rows = await database.query<{ row: number }>('select row from things');
        const told = answer instanceof Error ? (answer as { outcome?: string }).outcome : 'applied';
        expect([before, after, told, rows.length]).toEqual([before, after, 'applied', 1]);
      }
    });

    it('is known to the calls after it, which are compiled for it', async () => {
      await using db = open(mode);
      const mine = db.as(service());
      await remake('int4');
      await mine.select('things');
      await remake('text', 'seven');
      expect(await mine.select('things')).toEqual([{ id: 1, value: 'seven' }]);
      await expect
        .poll(() => mine.select('things', { filters: { value: 'seven' } }).catch(() => undefined))
        .toEqual([{ id: 1, value: 'seven' }]);
    });
  });

  it('is no other column of a function for having changed its name, in transaction mode', async () => {
    await using db = open('transaction');
    const mine = db.as(service());
    await database.query(`drop table if exists pairs cascade; create table pairs (first int, second int);
      insert into pairs values (1, 2);
      create function all_pairs() returns setof pairs language sql stable as 'select * from pairs'`);
    expect(await mine.rpc('all_pairs')).toEqual([{ first: 1, second: 2 }]);
    await database.query(`begin; alter table pairs rename first to third; alter table pairs rename second to first;
      alter table pairs rename third to second; commit`);
    expect(await mine.rpc('all_pairs')).toEqual([{ first: 2, second: 1 }]);
    await database.query('alter table pairs rename second to last');
    expect(await mine.rpc('all_pairs')).toEqual([{ first: 2, last: 1 }]);
  });
});
