import { describe, expect, it } from 'vitest';
import { type ModeName, service } from '../../src/index.ts';
import { describeEveryMode, MODES } from './every-mode.ts';

const SQL = 'create table things (id int primary key);';

/** Type before, type after, its text then, and what raw SQL must tell with `largeNumbers: 'throw'`. */
type Change = readonly [before: string, after: string, stored: string, right: unknown];

const TOO_LARGE = { code: 'NUMBER_TOO_LARGE' };

const CHANGES: readonly Change[] = [
  ['float8', 'int8', '9007199254740993', TOO_LARGE],
  ['float8', 'numeric', '0.12345678901234567890123', TOO_LARGE],
  ['jsonb', 'int8', '9007199254740993', TOO_LARGE],
  ['int8', 'jsonb', '9007199254740993', 9007199254740992],
  ['int8', 'float8', '0.30000000000000004', 0.30000000000000004],
];

describeEveryMode('raw SQL after a change beneath a kept catalog', SQL, (modes) => {
  async function remake(mode: ModeName, type: string, stored: string): Promise<void> {
    await modes.query(mode, `drop table things; create table things (id int primary key, value ${type})`);
    await modes.query(mode, `insert into things select 1, $1::text::${type}`, [stored]);
  }

  describe.each(MODES)('in %s mode', (mode) => {
    it.each(CHANGES)(
      'is right where a column changes from %s to %s',
      async (before, after, stored, right) => {
        await using db = modes.service(mode);
        const mine = db.as(service());
        // Long enough to be looked at.
        await remake(mode, before, before === 'int8' ? '3000000000000004' : '0.30000000000000004');
        await mine.sql`select value from things`.catch(() => undefined);
        await remake(mode, after, stored);
        const answer = await mine.sql`select value from things`.catch((error: unknown) => error);
        if (answer instanceof Error) expect(answer).toMatchObject(right as object);
        else expect(answer).toEqual([{ value: right }]);
      },
    );

    it('tells values of new types in one form, however many there are', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      await mine.count('things');
      for (let i = 0; i < 14; i++) {
        await modes.query(
          mode,
          `drop type if exists fresh cascade; create type fresh as (n int8, at date);
           create or replace function make_fresh() returns setof fresh language sql stable as 'select 7, ''2026-02-01''::date'`,
        );
        expect(await mine.sql`select f as value from make_fresh() f`).toEqual([
          { value: { n: 7, at: '2026-02-01' } },
        ]);
      }
    });
  });
});
