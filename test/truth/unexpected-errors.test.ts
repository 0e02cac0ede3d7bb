import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, op, service } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SECRET = 'nobody-shall-read-this';
const ID = 1;

/** Columns whose type changes beneath a kept catalog, so that the answer to a write does not fit what is expected. */
interface Change {
  readonly before: string;
  readonly after: string;
  readonly stored: string;
  readonly answer: unknown;
}

const CHANGES: Readonly<Record<string, Change>> = {
  'json that became text': { before: 'jsonb', after: 'text', stored: SECRET, answer: SECRET },
  'a list of json that became one of texts': {
    before: 'jsonb[]',
    after: 'text[]',
    stored: `{${SECRET}}`,
    answer: [SECRET],
  },
  'a domain of json that became text': { before: 'kept_json', after: 'text', stored: SECRET, answer: SECRET },
  'a list that became text': { before: 'int[]', after: 'text', stored: SECRET, answer: SECRET },
  'a list that became half a list': {
    before: 'int[]',
    after: 'text',
    stored: `{${SECRET}`,
    answer: `{${SECRET}`,
  },
  'a number that became text': { before: 'int8', after: 'text', stored: SECRET, answer: SECRET },
  'a time that became text': { before: 'timestamptz', after: 'text', stored: SECRET, answer: SECRET },
  'bytes that became text': { before: 'bytea', after: 'text', stored: SECRET, answer: SECRET },
};

/** Values that fail while they are turned into text. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  'a circle': () => {
    const circle: Record<string, unknown> = { secret: SECRET };
    circle.self = circle;
    return circle;
  },
  'a bigint within json': () => ({ secret: SECRET, n: 1n }),
  'a getter that throws': () => ({
    get secret() {
      throw new RangeError(SECRET);
    },
  }),
  'a toJSON that throws': () => ({
    toJSON() {
      throw new RangeError(SECRET);
    },
  }),
  'a proxy that throws': () =>
    new Proxy(
      {},
      {
        get() {
          throw new RangeError(SECRET);
        },
        ownKeys() {
          throw new RangeError(SECRET);
        },
      },
    ),
  'a symbol': () => Symbol(SECRET),
  'a function': () => () => SECRET,
  'json of 20,000 levels': () => {
    let deep: unknown = SECRET;
    for (let level = 0; level < 20_000; level++) deep = { deep };
    return deep;
  },
};

/** Ways by which a value gets into a call. */
const WAYS: Readonly<Record<string, (db: DatabaseHandle, value: unknown) => Promise<unknown>>> = {
  insert: (db, value) => db.insert('documents', { id: ID, body: value }),
  update: (db, value) => db.update('documents', { body: value }, { filters: { id: ID } }),
  upsert: (db, value) => db.upsert('documents', [{ id: ID, body: value }]),
  filter: (db, value) => db.select('documents', { filters: { body: value } }),
  'filter by operator': (db, value) =>
    db.select('documents', { filters: { body: op.contains(value as never) } }),
  rpc: (db, value) => db.rpc('keep', { body: value }),
  batch: (db, value) => db.batch([db.build.insert('documents', { id: ID, body: value })]),
  'raw SQL': (db, value) => db.sql`insert into documents values (${ID}, ${value}::jsonb)`,
};

describeEveryMode(
  'an error that nobody expected',
  `
  create domain kept_json as jsonb;
  create table changing (id int);
  create table filling (body text);
  insert into filling values (null);
  create function fill() returns trigger language plpgsql as
    $$ begin select body into new.body from filling; return new; end $$;
  create table documents (id int primary key, body jsonb);
  create function keep(body jsonb) returns void language sql volatile as $$ insert into documents values (1, body) $$;
`,
  (modes) => {
    const told = (error: unknown) =>
      JSON.stringify([error, (error as Error).message, (error as { hint?: string }).hint]);

    describe.each(MODES)('in %s mode', (mode) => {
      describe.each(Object.entries(CHANGES))(
        'after %s',
        (_name, { before, after, stored, answer: right }) => {
          /** The service has read the catalog before the column changed. */
          async function whileItChanges(db: DatabaseHandle) {
            await modes.query(mode, `drop table changing; create table changing (id int, body ${before})`);
            await db.select('changing');
            await modes.query(mode, `drop table changing; create table changing (id int, body ${after})`);
            await modes.query(
              mode,
              'create trigger fill before insert on changing for each row execute function fill()',
            );
            await modes.query(mode, 'update filling set body = $1', [stored]);
          }

          it('is no raw error after a committed write, and holds no value', async () => {
            await using db = modes.service(mode);
            const mine = db.as(service());
            await whileItChanges(mine);
            const answer = await mine.insert('changing', { id: 1 }).catch((error: unknown) => error);
            expect(await modes.query(mode, 'select id, body from changing')).toEqual([
              { id: 1, body: right },
            ]);
            // Compiled anew it is right; if not, it is an error of this package that says that it was applied.
            if (!(answer instanceof Error)) return expect(answer).toEqual({ id: 1, body: right });
            expect(await refusalOf(() => Promise.reject(answer))).toMatchObject({ outcome: 'applied' });
            expect(told(answer)).not.toContain(SECRET);
          });

          if (mode !== 'transaction')
            it('is no raw error inside a transaction, which keeps to what it says', async () => {
              await using db = modes.service(mode);
              const mine = db.as(service());
              await whileItChanges(mine);
              let answer: unknown;
              await mine
                .transaction(async (tx) => {
                  answer = await tx.insert('changing', { id: 1 }).catch((error: unknown) => error);
                })
                .catch(() => undefined);
              const rows = await modes.query(mode, 'select id, body from changing');
              if (!(answer instanceof Error)) return expect([answer]).toEqual(rows);
              expect(await refusalOf(() => Promise.reject(answer))).toMatchObject({ outcome: 'not-applied' });
              expect(told(answer)).not.toContain(SECRET);
              expect(rows).toEqual([]);
            });
        },
      );
    });

    describe.each(Object.entries(WAYS))('from a value of %s', (_way, call) => {
      it.each(Object.entries(VALUES))(
        'is an error of this package that holds no value: %s',
        async (_value, make) => {
          await modes.query('direct', 'truncate documents');
          await using db = modes.service('direct');
          const error = await refusalOf(() => call(db.as(service()), make()));
          expect(error.outcome).toBe('not-applied');
          expect(told(error)).not.toContain(SECRET);
          expect(await modes.query('direct', 'select id from documents')).toEqual([]);
        },
      );
    });

    it.each(PINNED)('does not end a transaction that caught it, in %s mode', async (mode) => {
      await modes.query(mode, 'truncate documents');
      await using db = modes.service(mode);
      await db.as(service()).transaction(async (tx) => {
        await refusalOf(() => tx.insert('documents', { id: 1, body: VALUES['a circle']!() }));
        await tx.insert('documents', { id: 2, body: {} });
      });
      expect(await modes.query(mode, 'select id from documents')).toEqual([{ id: 2 }]);
    });
  },
);
