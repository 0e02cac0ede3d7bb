import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, service } from '../../src/index.ts';
import { describeEveryMode, MODES } from './every-mode.ts';

const DAY = '2026-02-01';
const SQL = `
  create type moment as (day date, at timestamptz);
  create table kinds (
    id int primary key, day date, at timestamptz, local timestamp, span interval, bytes bytea,
    days date[], spans interval[], during tstzrange, season daterange, moment moment
  );
  create function told(wanted text, setting text) returns setof kinds language plpgsql volatile as $$
    begin
      perform set_config(wanted, setting, false);
      return query select * from kinds;
    end $$;
  create function tell() returns trigger language plpgsql as $$
    begin perform set_config(tg_argv[0], tg_argv[1], false); return new; end $$;
  create function is_told(wanted text, setting text) returns boolean language sql volatile
    as $$ select set_config(wanted, setting, false) is not null $$;
`;

const ROW = {
  id: 1,
  day: DAY,
  at: '2026-02-01T03:04:05.678+00:00',
  local: '2026-02-01T03:04:05',
  span: '1 day 02:03:04',
  bytes: '\\x00ff61',
  days: [DAY, null],
  spans: ['-3 days', '1 year 2 mons 04:05:06.7'],
  during: '["2026-02-01 00:00:00+00","2026-02-03 00:00:00+00")',
  season: '[2026-02-01,2026-03-01)',
  moment: { day: DAY, at: '2026-02-01T03:04:05.678+00:00' },
};

/** The settings that decide how values look, and what each of their columns may not become. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['DateStyle', 'SQL, DMY'],
  ['DateStyle', 'SQL, MDY'],
  ['DateStyle', 'Postgres, DMY'],
  ['DateStyle', 'German'],
  ['IntervalStyle', 'sql_standard'],
  ['IntervalStyle', 'postgres_verbose'],
  ['IntervalStyle', 'iso_8601'],
  ['bytea_output', 'escape'],
];

const CALLS: Readonly<Record<string, (db: DatabaseHandle, name: string, value: string) => Promise<unknown>>> =
  {
    'of the function itself': async (db, name, value) =>
      ((await db.rpc('told', { wanted: name, setting: value })) as unknown[])[0],
    'of a later statement of its batch': async (db, name, value) =>
      (
        await db.batch([
          db.build.rpc('is_told', { wanted: name, setting: value }),
          db.build.select('kinds', { filters: { id: 1 } }),
        ])
      )[1]?.[0],
  };

describeEveryMode('values of a batch in which a function changes a setting of the format', SQL, (modes) => {
  const fill = (mode: (typeof MODES)[number]) =>
    modes.query(
      mode,
      `drop trigger if exists tell on kinds; truncate kinds;
       insert into kinds values (1, '2026-02-01', '2026-02-01 03:04:05.678+00', '2026-02-01 03:04:05', '1 day 2:03:04',
         '\\x00ff61', '{2026-02-01,null}', '{-3 days,1 year 2 mons 4:05:06.7}', '[2026-02-01 00:00+00,2026-02-03 00:00+00)',
         '[2026-02-01,2026-03-01)', ('2026-02-01', '2026-02-01 03:04:05.678+00'))`,
    );

  /** Each value is told right, or none is. */
  async function isRightOrRefused(answer: Promise<unknown>): Promise<void> {
    const told = await answer.catch((error: unknown) => error);
    if (!(told instanceof Error)) return expect(told).toEqual(ROW);
    expect(told).toMatchObject({
      code: expect.stringMatching(/^(FORMAT_CHANGED|COLUMNS_CHANGED)$/),
      outcome: 'applied',
      hint: expect.stringContaining('DateStyle'),
    });
  }

  describe.each(MODES)('in %s mode', (mode) => {
    describe.each(SETTINGS)('%s to %s', (name, value) => {
      it.each(Object.entries(CALLS))('are right or refused: %s', async (_what, call) => {
        await fill(mode);
        await using db = modes.service(mode);
        await isRightOrRefused(call(db.as(service()), name, value));
      });

      it('are right or refused: of the rows that a trigger was called for', async () => {
        await fill(mode);
        await using db = modes.service(mode);
        await modes.query(
          mode,
          `create trigger tell before update on kinds for each row execute function tell('${name}', '${value}')`,
        );
        const rows = db.as(service()).update('kinds', { id: 1 }, { filters: { id: 1 } });
        await isRightOrRefused(rows.then((all: unknown) => (all as unknown[])[0]));
      });
    });

    it('tell the right moment in another time zone', async () => {
      await fill(mode);
      await using db = modes.service(mode);
      const rows = await db.as(service()).rpc('told', { wanted: 'TimeZone', setting: 'Asia/Kolkata' });
      const [row] = rows as { at: string; local: string }[];
      expect([new Date(row!.at).toISOString(), row!.local]).toEqual(['2026-02-01T03:04:05.678Z', ROW.local]);
    });

    it('are right in the next batch', async () => {
      await fill(mode);
      await using db = modes.service(mode);
      const mine = db.as(service());
      await mine.rpc('is_told', { wanted: 'DateStyle', setting: 'German' });
      expect(await mine.select('kinds')).toEqual([ROW]);
    });
  });
});
