import { describe, expect, it } from 'vitest';
import {
  type DatabaseHandle,
  fragment,
  join,
  op,
  path,
  service,
  type TransactionHandle,
  ValidationError,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SCHEMA = `
  create table docs (id int primary key, meta jsonb);
  insert into docs values (1, '{"a": 1}');
  grant all on docs to service_role;
`;
/** One is the service's own. */
const MOST = 65_534;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const listed = (count: number) => join(numbers(count).map((n) => fragment`(${n}::int)`));
const counted = (count: number) => fragment`select count(*)::int as n from (values ${listed(count)}) as v(n)`;
type Db = Pick<DatabaseHandle, 'stream' | 'explain'>;
type Tag = DatabaseHandle['sql'];

/** Where a call decides how many values there are: all else binds what is long as one. */
const REFUSED: Readonly<Record<string, (db: Db, sql: Tag, count: number) => Promise<unknown>>> = {
  'raw SQL': (_db, sql, count) => sql`${counted(count)}`,
};
const REFUSED_WHERE_PINNED: typeof REFUSED = {
  'a stream of raw SQL': (db, _sql, count) => db.stream(counted(count))[Symbol.asyncIterator]().next(),
  'the plan of raw SQL': (db, _sql, count) => db.explain(counted(count)),
};

async function isRefused(call: () => Promise<unknown>): Promise<void> {
  const error = await refusalOf(call);
  expect(error).toBeInstanceOf(ValidationError);
  expect(error).toMatchObject({
    code: 'TOO_MANY_VALUES',
    outcome: 'not-applied',
    statusCode: 400,
    message: expect.stringMatching(/at most 65534 values.*65535 parameters/),
    hint: expect.stringContaining('any('),
  });
}

describeEveryMode('more values than a statement can have', SCHEMA, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    it.each(Object.entries(REFUSED))('are refused with the limit: %s', async (_name, call) => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      for (const count of [MOST + 1, MOST + 2, MOST + 3]) {
        await isRefused(() => call(db as Db, db.sql, count));
      }
      expect(await db.count('docs')).toBe(1);
    });

    it('are refused however many they are', async () => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      await isRefused(() => db.sql`${counted(200_000)}`);
    });

    it('may be as many as the limit says', async () => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      expect(await db.sql`${counted(MOST)}`).toEqual([{ n: MOST }]);
    });

    it('are one where they are a list', async () => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      const many = numbers(70_000);
      const steps = path('meta', ...many).where('x');
      expect(await db.count('docs', { filters: { id: op.in(many) } })).toBe(1);
      expect(await db.count('docs', { filters: [op.not(op.or(steps)), { id: op.in(many) }] })).toBe(0);
      expect(await db.sql`select id from docs where id = any(${many}::int[])`).toEqual([{ id: 1 }]);
      const rows = many.map((id) => ({ id: id + 2, meta: null }));
      const filters = { id: op.in(rows.map(({ id }) => id)) };
      const counts = await db.batch([
        db.build.insert('docs', rows, { returning: false }),
        db.build.update('docs', { meta: { many } }, { filters: { id: 2 }, returning: false }),
        db.build.delete('docs', { filters, returning: false }),
      ]);
      expect(counts).toEqual([70_000, 1, 70_000]);
    });
  });

  describe.each(PINNED)('in %s mode', (mode) => {
    const all = Object.entries({ ...REFUSED, ...REFUSED_WHERE_PINNED });
    it.each(all)('do not end their transaction: %s', async (_name, call) => {
      await using handle = modes.service(mode);
      await handle.as(service()).transaction(async (tx: TransactionHandle) => {
        await isRefused(() => call(tx as unknown as Db, tx.sql as Tag, MOST + 1));
        expect(await tx.count('docs')).toBe(1);
      });
    });

    it.each(Object.entries(REFUSED_WHERE_PINNED))('are refused with the limit: %s', async (_name, call) => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      await isRefused(() => call(db as Db, db.sql, MOST + 1));
      expect(await db.count('docs')).toBe(1);
    });
  });
});
