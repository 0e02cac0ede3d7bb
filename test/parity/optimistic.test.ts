import { expect, it } from 'vitest';
import { ConflictError, type DatabaseHandle, NotFoundError, op, user } from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { describeFourModes } from './four-modes.ts';

const SQL = `
  create table docs (
    id int primary key, meta jsonb, body text, version int not null default 1, edited timestamptz, raw json,
    owner uuid, readers uuid[] not null default '{}'
  );
  alter table docs enable row level security;
  create policy "read" on docs for select using (owner = auth.uid() or auth.uid() = any (readers));
  create policy "change" on docs for update using (owner = auth.uid());
  create policy "remove" on docs for delete using (owner = auth.uid());
  grant select, update, delete on docs to authenticated;
  create function bump() returns trigger language plpgsql as
    $$ begin new.version := old.version + 1; return new; end $$;
  create trigger bump before update on docs for each row execute function bump();
  create view own_docs with (security_invoker = true) as select * from docs;
  grant select, update, delete on own_docs to authenticated;
`;
const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const SEED = `truncate docs; insert into docs (id, body, version, edited, owner, readers, meta) values
  (1, 'one', 3, '2026-01-02T03:04:05.678901Z', '${ANA}', '{${BEN}}', null), (2, 'two', 1, null, '${ANA}', '{}', null), (3, 'three', 1, null, '${ANA}', '{}', 'null')`;
const ana = { identity: user({ sub: ANA }), reset: SEED };
const ben = { identity: user({ sub: BEN }), reset: SEED };
const conflict = { name: 'ConflictError', code: 'CONFLICT', statusCode: 409, outcome: 'not-applied' };
const missing = { name: 'NotFoundError', code: 'NOT_FOUND', statusCode: 404, outcome: 'not-applied' };

const bodies = async (db: DatabaseHandle) =>
  (await db.select('docs', { columns: ['body'], orderBy: 'id' })).map(({ body }) => body);

describeFourModes('optimistic writes', SQL, (modes) => {
  it.each<[string, (db: DatabaseHandle) => Promise<unknown>, unknown]>([
    [
      'an update of a row that is unchanged',
      (db) =>
        db.update(
          'docs',
          { body: 'x' },
          { filters: { id: 1 }, unchanged: { version: 3 }, returning: ['version'] },
        ),
      [{ version: 4 }],
    ],
    [
      'an update that tells only the number of rows',
      (db) =>
        db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 3 }, returning: false }),
      1,
    ],
    [
      'an update of the column that tells the version',
      (db) =>
        db.update(
          'docs',
          { body: 'x', edited: null },
          {
            filters: { id: 1 },
            unchanged: { edited: '2026-01-02T03:04:05.678901+00:00' },
            returning: ['edited'],
          },
        ),
      [{ edited: null }],
    ],
    [
      'an update where null is unchanged',
      (db) =>
        db.update(
          'docs',
          { body: 'x' },
          { filters: { id: 2 }, unchanged: { edited: null }, returning: ['body'] },
        ),
      [{ body: 'x' }],
    ],
    [
      'an update where JSON null is unchanged',
      (db) =>
        db.update(
          'docs',
          { body: 'x' },
          { filters: { id: 3 }, unchanged: { meta: null }, returning: ['body'] },
        ),
      [{ body: 'x' }],
    ],
    [
      'an update of several rows',
      (db) =>
        db.update(
          'docs',
          { body: 'x' },
          { filters: { id: op.gt(1) }, unchanged: { version: 1 }, returning: false },
        ),
      2,
    ],
    [
      'an update of as many rows as expected',
      (db) =>
        db.update(
          'docs',
          { body: 'x' },
          { filters: { id: 1 }, unchanged: { version: 3 }, expect: 1, returning: false },
        ),
      1,
    ],
    [
      'an update through a view',
      (db) =>
        db.update(
          'own_docs',
          { body: 'x' },
          { filters: { id: 1 }, unchanged: { version: 3 }, returning: ['body'] },
        ),
      [{ body: 'x' }],
    ],
    [
      'a delete of a row that is unchanged',
      (db) => db.delete('docs', { filters: { id: 1 }, unchanged: { version: 3 }, returning: ['id'] }),
      [{ id: 1 }],
    ],
    [
      'a delete that tells only the number of rows',
      (db) =>
        db.delete('docs', { filters: { id: 1 }, unchanged: { version: 3, body: 'one' }, returning: false }),
      1,
    ],
    [
      'both in a batch',
      (db) =>
        db.batch([
          db.build.update(
            'docs',
            { body: 'x' },
            { filters: { id: 1 }, unchanged: { version: 3 }, returning: false },
          ),
          db.build.delete('docs', { filters: { id: 2 }, unchanged: { version: 1 }, returning: false }),
        ]),
      [1, 1],
    ],
  ])('%s', async (_name, run, expected) => {
    expect(await modes.alike(run, ana)).toStrictEqual(expected);
  });

  it.each<[string, (db: DatabaseHandle) => Promise<unknown>, object]>([
    [
      'an update',
      (db) => db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 2 } }),
      conflict,
    ],
    [
      'an update without rows',
      (db) =>
        db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 2 }, returning: false }),
      conflict,
    ],
    [
      'an update where null was expected',
      (db) => db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { edited: null } }),
      conflict,
    ],
    [
      'an update where null is found',
      (db) =>
        db.update(
          'docs',
          { body: 'x' },
          { filters: { id: 2 }, unchanged: { edited: '2026-01-02T03:04:05Z' } },
        ),
      conflict,
    ],
    [
      'an update of rows, one of which has changed',
      (db) => db.update('docs', { body: 'x' }, { filters: { id: op.gte(1) }, unchanged: { version: 1 } }),
      conflict,
    ],
    [
      'an update of another number of rows',
      (db) => db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 3 }, expect: 2 }),
      { ...missing, code: 'EXPECTATION_FAILED' },
    ],
    ['a delete', (db) => db.delete('docs', { filters: { id: 1 }, unchanged: { version: 2 } }), conflict],
    [
      'a delete without rows',
      (db) => db.delete('docs', { filters: { id: 1 }, unchanged: { version: 2 }, returning: false }),
      conflict,
    ],
    [
      'an update of a row that is not there',
      (db) => db.update('docs', { body: 'x' }, { filters: { id: 99 }, unchanged: { version: 1 } }),
      missing,
    ],
    [
      'a delete of a row that is not there',
      (db) => db.delete('docs', { filters: { id: 99 }, unchanged: { version: 1 }, returning: false }),
      missing,
    ],
    [
      'the second statement of a batch',
      (db) =>
        db.batch([
          db.build.delete('docs', { filters: { id: 2 } }),
          db.build.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 2 } }),
        ]),
      conflict,
    ],
  ])('%s writes nothing', async (_name, run, expected) => {
    expect(await modes.alikeError(run, ana)).toMatchObject(expected);
    expect(await modes.alike(bodies, { identity: ana.identity })).toEqual(['one', 'two', 'three']);
  });

  it.each<[string, (db: DatabaseHandle) => Promise<unknown>]>([
    ['change', (db) => db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 3 } })],
    [
      'change, with an old version',
      (db) => db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: { version: 2 } }),
    ],
    ['delete', (db) => db.delete('docs', { filters: { id: 1 }, unchanged: { version: 3 } })],
    [
      'delete, with an old version',
      (db) => db.delete('docs', { filters: { id: 1 }, unchanged: { version: 2 } }),
    ],
  ])('a row that the caller may read but not %s is none', async (_name, run) => {
    expect(await modes.alikeError(run, ben)).toMatchObject(missing);
  });

  it('in a transaction', async () => {
    for (const mode of ['direct', 'session', 'embedded'] as const) {
      await modes.query(mode, SEED);
      const db = modes.service(mode).as(ana.identity);
      const lost = db.transaction(async (tx) => {
        await tx.update('docs', { body: 'y' }, { filters: { id: 2 }, unchanged: { version: 1 } });
        const stale = tx.transaction((inner) =>
          inner.update('docs', { body: 'x' }, { filters: { id: 2 }, unchanged: { version: 1 } }),
        );
        await expect(stale).rejects.toBeInstanceOf(ConflictError);
        await tx.delete('docs', { filters: { id: 98 }, unchanged: { version: 1 } });
      });
      await expect(lost).rejects.toBeInstanceOf(NotFoundError);
      expect(await bodies(db)).toEqual(['one', 'two', 'three']);
    }
  });

  it.each(['direct', 'session', 'transaction'] as const)(
    'of two at the same time one is told of the other, in %s mode',
    async (mode) => {
      const db = modes.service(mode).as(ana.identity);
      const others: [string, string, object][] = [
        ['update docs set body = $$theirs$$ where id = 1', 'update', conflict],
        ['update docs set body = $$theirs$$ where id = 1', 'delete', conflict],
        ['delete from docs where id = 1', 'update', missing],
        ['delete from docs where id = 1', 'delete', missing],
      ];
      for (const [theirs, ours, expected] of others) {
        await modes.query(mode, SEED);
        await withSession(modes.ownerUrl, async ({ query }) => {
          await query('begin');
          await query(theirs);
          const options = { filters: { id: 1 }, unchanged: { version: 3 } } as const;
          const waiting =
            ours === 'update' ? db.update('docs', { body: 'ours' }, options) : db.delete('docs', options);
          const told = waiting.catch((error: unknown) => error);
          await modes.untilBlocked();
          await query('commit');
          expect(await told).toMatchObject(expected);
        });
        expect(await bodies(db)).not.toContain('ours');
      }
    },
  );

  it('loses no update of writers that try again', async () => {
    for (const mode of ['direct', 'session', 'transaction'] as const) {
      await modes.query(mode, `${SEED}; update docs set body = '0' where id = 1`);
      const db = modes.service(mode).as(ana.identity);
      const increment = async (): Promise<void> => {
        for (;;) {
          const { body, version } = await db.selectOne('docs', { filters: { id: 1 } });
          const options = { filters: { id: 1 }, unchanged: { version }, returning: false } as const;
          try {
            await db.update('docs', { body: String(Number(body) + 1) }, options);
            return;
          } catch (error) {
            if (!(error instanceof ConflictError)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 12 }, increment));
      expect((await db.selectOne('docs', { filters: { id: 1 } })).body).toBe('12');
    }
  });

  it('writes that others made to columns that do not matter are no conflict', async () => {
    const db = modes.service('direct').as(ana.identity);
    await modes.query('direct', `${SEED}; alter table docs disable trigger bump`);
    await withSession(modes.ownerUrl, async ({ query }) => {
      await query('begin');
      await query(`update docs set readers = '{}' where id = 1`);
      const waiting = db.update('docs', { body: 'ours' }, { filters: { id: 1 }, unchanged: { version: 3 } });
      await modes.untilBlocked();
      await query('commit');
      expect(await waiting).toMatchObject([{ body: 'ours', readers: [] }]);
    });
    await modes.query('direct', 'alter table docs enable trigger bump');
  });

  it.each<[string, unknown, RegExp, string, string]>([
    [
      'no columns',
      {},
      /'unchanged' must be an object of at least one column and its value/,
      'UsageError',
      'WRONG_CALL',
    ],
    ['text', 'version', /'unchanged' must be an object/, 'UsageError', 'WRONG_CALL'],
    ['an unknown column', { versoin: 1 }, /has no column "versoin"/, 'UsageError', 'UNKNOWN_COLUMN'],
    [
      'an operator',
      { version: op.gt(1) },
      /must be set to a value|must be a plain value/,
      'UsageError',
      'WRONG_CALL',
    ],
    ['json', { raw: {} }, /Postgres cannot compare json/, 'UsageError', 'WRONG_CALL'],
    [
      'undefined',
      { version: undefined },
      /"version" of "docs" in 'unchanged' is undefined/,
      'UsageError',
      'WRONG_CALL',
    ],
    [
      'a bad value',
      { version: 'three' },
      /"version" of "docs" must be a whole number/,
      'ValidationError',
      'VALIDATION',
    ],
  ])('%s is refused', async (_name, unchanged, message, name, code) => {
    const run = (db: DatabaseHandle) =>
      db.update('docs', { body: 'x' }, { filters: { id: 1 }, unchanged: unchanged as never });
    expect(await modes.alikeError(run, ana)).toMatchObject({ name, code });
    await expect(run(modes.service('direct').as(ana.identity))).rejects.toThrow(message);
  });

  it('needs filters', async () => {
    const run = (db: DatabaseHandle) => db.delete('docs', { all: true, unchanged: { version: 1 } } as never);
    expect(await modes.alikeError(run, ana)).toMatchObject({ name: 'UsageError' });
  });
});
