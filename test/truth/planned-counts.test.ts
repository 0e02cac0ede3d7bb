import { describe, expect, it } from 'vitest';
import {
  anonymous,
  DatabaseError,
  type DatabaseHandle,
  type Identity,
  service,
  user,
} from '../../src/index.ts';
import { describeEveryMode, PINNED } from './every-mode.ts';

const ME = '00000000-0000-4000-8000-00000000000a';
const ROWS = 3_000;

const SQL = `
  create table members (member uuid);
  grant select on members to public;
  create table letters (id int primary key, owner uuid, secret int);
  alter table letters enable row level security;
  create policy own on letters to authenticated using (owner = (select auth.uid()) or (select auth.uid()) in (select member from members));
  insert into letters select i, case when i = 1 then '${ME}'::uuid end, i % 3 from generate_series(1, ${ROWS}) i;
  create view letters_of_the_caller with (security_invoker = true) as select * from letters;
  create table parted (id int, owner uuid, secret int) partition by list (secret);
  create table parted_0 partition of parted for values in (0, 1, 2);
  alter table parted enable row level security;
  create policy own on parted to authenticated using (owner = (select auth.uid()) or (select auth.uid()) in (select member from members));
  insert into parted select * from letters;
  create table notices (id int primary key, secret int);
  insert into notices select i, i % 3 from generate_series(1, ${ROWS}) i;
  analyze letters; analyze parted; analyze notices;
`;

/** Relations of which the identity sees one row, or none. */
const HIDDEN: readonly (readonly [string, string, Identity, number])[] = [
  ['letters', 'a user who sees one', user({ sub: ME }), 1],
  ['letters', 'a user who sees none', user({ sub: '00000000-0000-4000-8000-00000000000b' }), 0],
  ['letters', 'an anonymous caller', anonymous(), 0],
  ['letters_of_the_caller', 'a user who sees one', user({ sub: ME }), 1],
  ['parted', 'a user who sees one', user({ sub: ME }), 1],
];

type Count = (db: DatabaseHandle, table: string, method: 'planned' | 'estimated') => Promise<unknown>;
const secret = { filters: { secret: 1 } };
const countOf = async (answer: Promise<{ count: number }>) => (await answer).count;

const COUNTS: Readonly<Record<string, Count>> = {
  count: (db, table, method) => db.count(table, { ...secret, method }),
  'select with a count': (db, table, method) =>
    countOf(db.select(table, { ...secret, limit: 0, count: method })),
  'a batch of counts': async (db, table, method) =>
    (await db.batch([db.build.count(table, { ...secret, method })]))[0],
  'a batch of selects with a count': async (db, table, method) =>
    (await db.batch([db.build.select(table, { ...secret, limit: 0, count: method })]))[0].count,
};

describeEveryMode('planned and estimated counts', SQL, (modes) => {
  /** The exact count, or a refusal that says what to do instead. */
  async function tellsNothing(answer: Promise<unknown>, visible: number): Promise<void> {
    const told = await answer.catch((error: unknown) => error);
    if (!(told instanceof Error)) return expect(told).toBe(visible);
    expect(told).toBeInstanceOf(DatabaseError);
    expect(told).toMatchObject({
      statusCode: 500,
      outcome: 'not-applied',
      hint: expect.stringContaining('exact'),
    });
    expect(JSON.stringify(told)).not.toMatch(/\d{4}/);
  }

  describe.each(PINNED)('in %s mode', (mode) => {
    describe.each(HIDDEN)('of %s by %s', (table, _who, identity, visible) => {
      it.each(Object.entries(COUNTS))(
        'tell nothing about the rows that row level security hides: %s',
        async (_name, count) => {
          await using db = modes.service(mode);
          for (const method of ['planned', 'estimated'] as const)
            await tellsNothing(count(db.as(identity), table, method), visible);
        },
      );
    });

    it.each(Object.entries(COUNTS))('answer where no row is hidden: %s', async (_name, count) => {
      await using db = modes.service(mode);
      const near = (expected: number) => expect.closeTo(expected, -2);
      expect(await count(db.as(service()), 'letters', 'planned')).toEqual(near(ROWS / 3));
      expect(await count(db.as(user({ sub: ME })), 'notices', 'planned')).toEqual(near(ROWS / 3));
      expect(await count(db.as(user({ sub: ME })), 'notices', 'estimated')).toEqual(near(ROWS / 3));
    });

    it('are exact where they are asked to be', async () => {
      await using db = modes.service(mode);
      expect(await db.as(user({ sub: ME })).count('letters', { ...secret, method: 'exact' })).toBe(1);
      expect(await db.as(service()).count('letters', { ...secret, method: 'exact' })).toBe(ROWS / 3);
    });
  });

  it.each(Object.entries(COUNTS))('are refused in transaction mode: %s', async (_name, count) => {
    await using db = modes.service('transaction');
    for (const method of ['planned', 'estimated'] as const)
      await expect(count(db.as(user({ sub: ME })), 'letters', method)).rejects.toMatchObject({
        statusCode: 500,
        outcome: 'not-applied',
      });
  });

  describe.each(PINNED)('inside a transaction in %s mode', (mode) => {
    it.each(HIDDEN.filter(([, , { kind }]) => kind === 'user'))(
      'of %s by %s tell nothing',
      async (table, _who, identity, visible) => {
        await using db = modes.service(mode);
        for (const method of ['planned', 'estimated'] as const)
          await tellsNothing(
            db.as(identity).transaction((tx) => tx.count(table, { ...secret, method })),
            visible,
          );
      },
    );
  });
});
