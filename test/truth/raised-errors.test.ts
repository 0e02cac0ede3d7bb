import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, fragment, publicError, service } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SQL = `
  create sequence tries;
  create table notes (id int primary key, state text);
  create function complain(state text, words text) returns int language plpgsql volatile as $$ begin
    perform nextval('tries');
    insert into notes (id) values (1);
    raise exception using errcode = state, message = words, hint = 'take the next one';
  end $$;
  create function complain_of_read(state text, words text) returns int language plpgsql stable as $$ begin
    raise exception using errcode = state, message = words, hint = 'take the next one';
  end $$;
  create function complain_late() returns trigger language plpgsql as $$ begin
    perform nextval('tries');
    raise exception using errcode = new.state, message = 'canceling due to user request', hint = 'take the next one';
  end $$;
  create table late (id int primary key, state text);
  create constraint trigger complain_late after insert on late deferrable initially deferred
    for each row execute function complain_late();
  create function claim() returns void language plpgsql volatile as $$ begin assert 1 = 2, 'one is not two'; end $$;
`;
/** Words that elsewhere tell a cancel that was meant for somebody else. */
const WORDS = 'canceling due to user request';

/** What a SQLSTATE that a function chose makes of its message. */
const STATES: readonly (readonly [sqlState: string, statusCode: number, code: string])[] = [
  ['P0001', 400, 'RAISED'],
  ['22023', 400, 'RAISED'],
  ['42501', 403, 'FORBIDDEN'],
  ['23514', 422, 'CHECK_VIOLATION'],
  ['23503', 409, 'FOREIGN_KEY_VIOLATION'],
  ['40001', 409, 'SERIALIZATION_FAILURE'],
  ['PT401', 401, 'RAISED'],
  ['PT404', 404, 'RAISED'],
  ['PT409', 409, 'RAISED'],
  ...[
    ...['08006', '0A000', '25001', '25006', '26000', '28000', '28P01', '3D000', '42P05'],
    ...['42P01', '53300', '57014', '57P01', '57P03', '58030', 'XX000', 'ZZ999'],
  ].map((sqlState) => [sqlState, 400, 'RAISED'] as const),
];

describeEveryMode('what a function raises itself', SQL, (modes) => {
  const ways: Readonly<Record<string, (db: DatabaseHandle, state: string) => Promise<unknown>>> = {
    'a read': (db, state) => db.rpc('complain_of_read', { state, words: WORDS }),
    'a write': (db, state) => db.rpc('complain', { state, words: WORDS }),
    'raw SQL': (db, state) => db.sql`select complain(${state}, ${WORDS})`,
    'a batch': (db, state) => db.batch([db.build.rpc('complain', { state, words: WORDS })]),
    'a trigger at COMMIT': (db, state) => db.insert('late', { id: 1, state }),
  };

  async function isTold(db: DatabaseHandle, call: () => Promise<unknown>, state: (typeof STATES)[number]) {
    const [sqlState, statusCode, code] = state;
    await db.sql`select setval('tries', 1)`;
    const error = await refusalOf(call);
    expect(error.toJSON()).toMatchObject({
      ...{ message: WORDS, hint: 'take the next one', sqlState, statusCode, code, outcome: 'not-applied' },
    });
    expect(publicError(error)).toMatchObject({ status: statusCode, code });
    // A sequence is not rolled back: it counts the tries.
    const [tries] = await db.sql<{ n: number }>`select last_value::int as n from tries`;
    // Of these the service makes three attempts, as of those of Postgres: nothing was applied.
    expect(tries!.n).toBeLessThanOrEqual(code === 'SERIALIZATION_FAILURE' ? 4 : 2);
    expect([await db.count('notes'), await db.count('late')]).toEqual([0, 0]);
  }

  describe.each(MODES)('in %s mode', (mode) => {
    it.each(Object.keys(ways))('is told as it is, by %s', async (way) => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      for (const state of STATES) await isTold(mine, () => ways[way]!(mine, state[0]), state);
    });

    it('is told of an assertion', async () => {
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).rpc('claim'));
      expect(error).toMatchObject({ code: 'RAISED', message: 'one is not two', sqlState: 'P0004' });
    });
  });

  describe.each(PINNED)('inside a transaction in %s mode', (mode) => {
    it.each(Object.keys(ways))('is told as it is, by %s', async (way) => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      for (const state of STATES) {
        const inside = () => mine.transaction((tx) => ways[way]!(tx as unknown as DatabaseHandle, state[0]));
        await isTold(mine, inside, state);
      }
    });

    it('is told of a stream', async () => {
      await using db = modes.service(mode);
      const mine = db.as(service());
      for (const state of STATES) {
        const rows = () => mine.stream(fragment`select complain_of_read(${state[0]}, ${WORDS})`);
        await isTold(mine, () => rows()[Symbol.asyncIterator]().next(), state);
      }
    });
  });
});
