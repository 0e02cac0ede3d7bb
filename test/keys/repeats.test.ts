/** What a repeat of each kind of write gets: the first result, read as the first was. */
import { beforeEach, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  type DatabaseHandle,
  fragment,
  op,
  service,
  user,
} from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED } from '../truth/every-mode.ts';
import { ALICE, alice, KEYED_JOURNAL, notesIn, serviceOf } from './journal.ts';

type Write = (db: DatabaseHandle, idempotencyKey: string) => Promise<unknown>;

const WRITES: readonly (readonly [string, Write])[] = [
  ['insert', (db, idempotencyKey) => db.insert('journal', { note: 'x' }, { idempotencyKey })],
  [
    'insert of many',
    (db, idempotencyKey) => db.insert('journal', [{ note: 'x' }, { note: 'y' }], { idempotencyKey }),
  ],
  [
    'insert of what has many digits',
    (db, idempotencyKey) =>
      db.insert(
        'journal',
        { note: 'x', amount: '0.5', big: 9007199254740991, meta: { a: [1, 'é"\\'] } },
        { idempotencyKey },
      ),
  ],
  [
    'insert that returns a number',
    (db, idempotencyKey) => db.insert('journal', { note: 'x' }, { returning: false, idempotencyKey }),
  ],
  [
    'insert that returns columns',
    (db, idempotencyKey) => db.insert('journal', { note: 'x' }, { returning: ['at', 'id'], idempotencyKey }),
  ],
  [
    'insert with expect',
    (db, idempotencyKey) => db.insert('journal', [{ note: 'x' }], { expect: 1, idempotencyKey }),
  ],
  [
    'insert with expect that returns a number',
    (db, idempotencyKey) =>
      db.insert('journal', { note: 'x' }, { expect: 1, returning: false, idempotencyKey }),
  ],
  [
    'update',
    (db, idempotencyKey) =>
      db.update('journal', { amount: 7 }, { filters: { note: op.like('seed%') }, idempotencyKey }),
  ],
  [
    'update of an unchanged row',
    (db, idempotencyKey) =>
      db.update(
        'journal',
        { amount: 7 },
        { filters: { note: 'seed' }, unchanged: { amount: null }, idempotencyKey },
      ),
  ],
  [
    'update of no row',
    (db, idempotencyKey) =>
      db.update('journal', { amount: 7 }, { filters: { note: 'nobody' }, idempotencyKey }),
  ],
  ['delete', (db, idempotencyKey) => db.delete('journal', { filters: { note: 'seed' }, idempotencyKey })],
  [
    'upsert',
    (db, idempotencyKey) =>
      db.upsert('journal', { note: 'seed', amount: 3 }, { onConflict: 'note', idempotencyKey }),
  ],
  [
    'upsert that writes nothing',
    (db, idempotencyKey) =>
      db.upsert('journal', { note: 'seed' }, { onConflict: 'note', ignoreDuplicates: true, idempotencyKey }),
  ],
  ['rpc of a row', (db, idempotencyKey) => db.rpc('journal_add', { note: 'x' }, { idempotencyKey })],
  [
    'rpc of rows',
    (db, idempotencyKey) => db.rpc('journal_add_all', { notes: ['x', 'y'] }, { idempotencyKey }),
  ],
  ['rpc of a value', (db, idempotencyKey) => db.rpc('journal_count', { note: 'x' }, { idempotencyKey })],
  ['rpc of nothing', (db, idempotencyKey) => db.rpc('journal_silent', { note: 'x' }, { idempotencyKey })],
  [
    'raw SQL that returns',
    (db, idempotencyKey) =>
      db.sql({
        idempotencyKey,
      })`insert into journal (note, big) values (${'x'}, ${9007199254740990n}) returning *`,
  ],
  [
    'raw SQL that returns a composite',
    (db, idempotencyKey) =>
      db.sql({ idempotencyKey })`insert into journal (note) values (${'x'}) returning journal as row, id`,
  ],
  [
    'raw SQL that returns nothing',
    (db, idempotencyKey) => db.sql({ idempotencyKey })`insert into journal (note) values (${'x'})`,
  ],
  [
    'raw SQL with a WITH and a fragment',
    (db, idempotencyKey) =>
      db.sql({ idempotencyKey })`
        with w as (insert into journal (note) ${fragment`values (${'x'})`} returning note)
        select count(*) as n, min(note) as "$1::text" from w -- end`,
  ],
  [
    'batch',
    (db, idempotencyKey) =>
      db.batch(
        [
          db.build.insert('journal', { note: 'x' }),
          db.build.count('journal'),
          db.build.select('journal', { orderBy: 'id', count: 'exact', limit: 1 }),
          db.build.delete('journal', { filters: { note: 'seed' }, returning: false }),
        ],
        { idempotencyKey },
      ),
  ],
];

describeEveryMode('a repeat under the key of', KEYED_JOURNAL, (modes) => {
  let keys = 0;

  it.for(MODES.flatMap((mode) => WRITES.map(([name, write]) => [name, mode, write] as const)))(
    '%s in %s mode gets the first result',
    async ([, mode, write]) => {
      await modes.query(
        mode,
        `truncate journal; insert into journal (owner, note) values ('${ALICE}', 'seed')`,
      );
      await using db = serviceOf(modes, mode);
      const key = `key ${++keys}`;
      const first = await write(db.as(alice), key);
      const written = await modes.query(mode, 'select * from journal order by id');
      // Whatever others do meanwhile.
      await modes.query(mode, "update journal set amount = 99, note = note || '?'");
      const before = await modes.query(mode, 'select count(*) as n from journal');
      for (let repeat = 0; repeat < 3; repeat++) expect(await write(db.as(alice), key)).toStrictEqual(first);
      expect(await modes.query(mode, 'select count(*) as n from journal')).toEqual(before);
      // Under another key it is another write.
      await modes.query(
        mode,
        `truncate journal restart identity; insert into journal (owner, note) values ('${ALICE}', 'seed')`,
      );
      await write(db.as(alice), `${key} again`);
      expect((await modes.query(mode, 'select * from journal')).length).toBe(written.length);
    },
  );

  it.for(MODES)('is read with the digits that the service is set to, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode, { largeNumbers: 'string' });
    const insert = () =>
      db
        .as(alice)
        .insert('journal', { big: '9223372036854775807', amount: '0.10' }, { idempotencyKey: 'digits' });
    const raw = () =>
      db.as(alice).sql({
        idempotencyKey: 'raw digits',
      })`insert into journal (big, amount) values (9223372036854775807, 0.10) returning big, amount`;
    for (const write of [insert, raw]) {
      const first = await write();
      expect(first).toMatchObject(
        write === raw
          ? [{ big: '9223372036854775807', amount: '0.10' }]
          : { big: '9223372036854775807', amount: '0.10' },
      );
      expect(await write()).toStrictEqual(first);
    }
    expect(await notesIn(modes, mode)).toHaveLength(2);
  });

  it.for(MODES)('the service is that of a write of the service, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const write = () =>
      db
        .as(service())
        .insert('journal', { owner: ALICE, note: 'by the service' }, { idempotencyKey: 'of service' });
    expect(await write()).toStrictEqual(await write());
    expect(await notesIn(modes, mode)).toEqual(['by the service']);
  });

  it.for(MODES)('a token that was refreshed gets it too, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const now = Math.floor(Date.now() / 1_000);
    const write = (iat: number) =>
      db
        .as(user({ sub: ALICE, iat, exp: iat + 3_600, session_id: `s${iat}` }))
        .insert('journal', { note: 'once' }, { idempotencyKey: 'refreshed' });
    expect(await write(now)).toStrictEqual(await write(now + 5));
    expect(await notesIn(modes, mode)).toEqual(['once']);
  });

  it.for(MODES)(
    'a column that was added since tells that the write was applied, in %s mode',
    async (mode) => {
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      await using db = serviceOf(modes, mode);
      const write = (options: object = {}) =>
        db.as(alice).insert('journal', { note: 'x' }, { idempotencyKey: 'column', ...options });
      await write();
      await db.as(alice).insert('journal', { note: 'y' }, { idempotencyKey: 'named', returning: ['id'] });
      await modes.query(mode, 'alter table journal add column extra int');
      await db.refreshCatalog();
      await expect(write()).rejects.toMatchObject({ code: 'COLUMNS_CHANGED', outcome: 'applied' });
      await db.as(alice).insert('journal', { note: 'y' }, { idempotencyKey: 'named', returning: ['id'] });
      expect(await notesIn(modes, mode)).toEqual(['x', 'y']);
      await modes.query(mode, 'alter table journal drop column extra');
    },
  );
});

describeEveryMode('a repeat under the key of a write', KEYED_JOURNAL, (modes) => {
  it.for(MODES)('mixes no columns up that have changed their names, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const write = () => db.as(alice).insert('journal', { note: 'x' }, { idempotencyKey: 'swapped' });
    await write();
    const swap = `alter table journal rename amount to swapped;
      alter table journal rename meta to amount; alter table journal rename swapped to meta`;
    await modes.query(mode, swap);
    await db.refreshCatalog();
    await expect(write()).rejects.toMatchObject({ code: 'COLUMNS_CHANGED', outcome: 'applied' });
    expect(await notesIn(modes, mode)).toEqual(['x']);
    await modes.query(mode, swap);
  });
});

describeEveryMode('a transaction with a key', KEYED_JOURNAL, (modes) => {
  let db: ConsolidatedDatabaseService;
  beforeEach((context) => {
    context.onTestFinished(() => db?.close());
  });

  it.for(PINNED)('runs its function once, and repeats what it returned, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    db = serviceOf(modes, mode);
    let runs = 0;
    const values: readonly unknown[] = [
      undefined,
      null,
      0,
      'é"\\\u0000'.slice(0, 3),
      [],
      { a: [1, null, { b: 'c' }] },
      false,
    ];
    for (const [index, value] of values.entries()) {
      const transact = () =>
        db.as(alice).transaction(
          async (tx) => {
            runs += 1;
            await tx.insert('journal', { note: `note ${index}` });
            await tx.sql`select 1`;
            return value;
          },
          { idempotencyKey: `transaction ${index}` },
        );
      expect(await transact()).toStrictEqual(value);
      expect(await transact()).toStrictEqual(value);
    }
    expect(runs).toBe(values.length);
    expect(await notesIn(modes, mode)).toEqual(values.map((_, index) => `note ${index}`));
  });

  it.for(PINNED)('that throws leaves its key free, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    db = serviceOf(modes, mode);
    const own = new Error('own');
    const transact = (fails: boolean) =>
      db.as(alice).transaction(
        async (tx) => {
          await tx.insert('journal', { note: 'x' });
          if (fails) throw own;
          return 'done';
        },
        { idempotencyKey: 'fails first' },
      );
    await expect(transact(true)).rejects.toBe(own);
    expect(await transact(false)).toBe('done');
    expect(await transact(true)).toBe('done');
    expect(await notesIn(modes, mode)).toEqual(['x']);
  });

  it.for(PINNED)('must return a JSON value, or nothing is applied, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    db = serviceOf(modes, mode);
    for (const value of [new Date(0), 1n, Number.NaN, new Map(), { a: undefined }, Symbol('s'), () => 1]) {
      await expect(
        db.as(alice).transaction(
          async (tx) => {
            await tx.insert('journal', { note: 'x' });
            return value;
          },
          { idempotencyKey: 'no json' },
        ),
      ).rejects.toMatchObject({ outcome: 'not-applied', message: expect.stringContaining('JSON') });
    }
    expect(await notesIn(modes, mode)).toEqual([]);
  });

  it.for(['read committed', 'repeatable read', 'serializable'] as const)(
    'runs once for callers at the same time, with the isolation %s',
    async (isolation) => {
      await modes.query('direct', 'truncate journal, cdb.idempotency_keys');
      db = serviceOf(modes, 'direct');
      let runs = 0;
      const transact = () =>
        db.as(alice).transaction(
          async (tx) => {
            runs += 1;
            return await tx.insert('journal', { note: isolation }, { returning: ['id', 'at'] });
          },
          { idempotencyKey: `at once, ${isolation}`, isolation },
        );
      const results = await Promise.all(Array.from({ length: 5 }, transact));
      expect(new Set(results.map((one) => JSON.stringify(one))).size).toBe(1);
      expect(runs).toBe(1);
      expect(await notesIn(modes, 'direct')).toEqual([isolation]);
    },
  );
});
