/** What is refused, and that nothing is applied then. */
import { expect, it } from 'vitest';
import { createDatabaseService, type DatabaseHandle } from '../../src/index.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { describeEveryMode, MODES, PINNED, refusalOf, SOCKETS } from '../truth/every-mode.ts';
import { alice, JOURNAL_ALONE, KEYED_JOURNAL, notesIn, serviceOf } from './journal.ts';

const SECRET = 'a-secret-key';
const keyed = { idempotencyKey: SECRET } as const;

describeEveryMode('a keyed write', KEYED_JOURNAL, (modes) => {
  it.for(MODES)(
    'of another statement or other values under the key is a conflict, in %s mode',
    async (mode) => {
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      await using db = serviceOf(modes, mode);
      const mine = db.as(alice);
      await mine.insert('journal', { note: 'first' }, keyed);
      const others: readonly (() => Promise<unknown>)[] = [
        () => mine.insert('journal', { note: 'second' }, keyed),
        () => mine.insert('journal', [{ note: 'first' }], keyed),
        () => mine.insert('journal', { note: 'first', amount: null }, keyed),
        () => mine.insert('journal', { note: 'first' }, { ...keyed, returning: false }),
        () => mine.insert('journal', { note: 'first' }, { ...keyed, expect: 1 }),
        () => mine.upsert('journal', { note: 'first' }, { ...keyed, onConflict: 'note' }),
        () => mine.delete('journal', { ...keyed, filters: { note: 'first' } }),
        () => mine.rpc('journal_add', { note: 'first' }, keyed),
        () => mine.sql(keyed)`insert into journal (note) values (${'first'})`,
        () =>
          mine.batch([mine.build.insert('journal', { note: 'first' }), mine.build.count('journal')], keyed),
      ];
      for (const other of others) {
        const error = await refusalOf(other);
        expect(error).toMatchObject({
          name: 'ConflictError',
          code: 'IDEMPOTENCY_KEY_REUSED',
          statusCode: 409,
          outcome: 'not-applied',
        });
        expect(JSON.stringify(error) + error.stack).not.toContain(SECRET);
      }
      expect(await notesIn(modes, mode)).toEqual(['first']);
    },
  );

  it.for(PINNED)('is another one than a transaction, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    await db.as(alice).insert('journal', { note: 'first' }, keyed);
    await expect(
      db.as(alice).transaction(async (tx) => tx.insert('journal', { note: 'second' }), keyed),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await notesIn(modes, mode)).toEqual(['first']);
  });

  it.for(MODES)('that fails leaves its key free, in %s mode', async (mode) => {
    await modes.query(
      mode,
      "truncate journal, cdb.idempotency_keys; insert into journal (owner, note) values (gen_random_uuid(), 'taken')",
    );
    await using db = serviceOf(modes, mode);
    const mine = db.as(alice);
    await expect(mine.insert('journal', { note: 'taken' }, keyed)).rejects.toMatchObject({
      code: 'UNIQUE_VIOLATION',
      field: 'note',
      outcome: 'not-applied',
    });
    await expect(
      mine.insert('journal', [{ note: 'a' }, { note: 'b' }], { ...keyed, expect: 3 }),
    ).rejects.toMatchObject({ code: 'EXPECTATION_FAILED' });
    expect(await modes.query(mode, 'select from cdb.idempotency_keys')).toEqual([]);
    await mine.insert('journal', { note: 'free' }, keyed);
    expect(await notesIn(modes, mode)).toEqual(['taken', 'free']);
  });

  it.for(MODES)('whose result is too large is not applied, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const mine = db.as(alice);
    const rows = Array.from({ length: 30 }, (_, index) => ({ note: `${index} ${'x'.repeat(10_000)}` }));
    const tooLarge = {
      name: 'UnreadableDataError',
      code: 'KEPT_RESULT_TOO_LARGE',
      outcome: 'not-applied',
      message: expect.stringMatching(
        /^The result has \d+ bytes\. With an idempotency key it may have 262144\. /,
      ),
    };
    await expect(mine.insert('journal', rows, keyed)).rejects.toMatchObject(tooLarge);
    // All statements of a batch together.
    const halves = [rows.slice(0, 15), rows.slice(15)].map((half) => mine.build.insert('journal', half));
    await expect(mine.batch(halves, keyed)).rejects.toMatchObject(tooLarge);
    if (mode !== 'transaction') {
      await expect(mine.transaction(async (tx) => tx.insert('journal', rows), keyed)).rejects.toMatchObject(
        tooLarge,
      );
    }
    expect(await notesIn(modes, mode)).toEqual([]);
    expect(await mine.insert('journal', rows, { ...keyed, returning: false })).toBe(30);
    expect(await mine.insert('journal', rows, { ...keyed, returning: false })).toBe(30);
  });

  it.for(MODES)('may not be a read, nor what has no result to keep, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const mine = db.as(alice);
    const untyped = keyed as object;
    const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['UNKNOWN_OPTION', () => mine.select('journal', untyped)],
      ['UNKNOWN_OPTION', () => mine.count('journal', untyped)],
      ['UNKNOWN_OPTION', () => mine.notify('channel', 'payload', untyped)],
      ['UNKNOWN_OPTION', () => mine.batch([mine.build.insert('journal', { note: 'x' }, untyped)])],
      ['INVALID_OPTION', () => mine.rpc('journal_read', {}, keyed)],
      ['INVALID_OPTION', () => mine.sql({ ...keyed, access: 'read' })`select 1`],
      ['INVALID_OPTION', () => mine.batch([mine.build.count('journal')], keyed)],
      ['UNSUPPORTED', () => mine.sql(keyed)`create table more ()`],
      ['UNSUPPORTED', () => mine.sql(keyed)`do $$ begin end $$`],
      ['INVALID_IDEMPOTENCY_KEY', () => mine.insert('journal', { note: 'x' }, { idempotencyKey: '' })],
      ['INVALID_OPTION', () => mine.insert('journal', { note: 'x' }, { idempotencyKey: 7 as never })],
    ];
    for (const [code, call] of calls) {
      const error = await refusalOf(call);
      expect(error).toMatchObject({ code, outcome: 'not-applied' });
      expect(JSON.stringify(error)).not.toContain(SECRET);
    }
    expect(await notesIn(modes, mode)).toEqual([]);
    await mine.insert('journal', { note: 'x' }, { idempotencyKey: undefined });
    expect(await modes.query(mode, 'select from cdb.idempotency_keys')).toEqual([]);
  });

  it.for(PINNED)('is no part of a transaction, which has the key, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const inside: readonly ((
      tx: Pick<DatabaseHandle, 'insert' | 'batch' | 'build' | 'sql'>,
    ) => Promise<unknown>)[] = [
      (tx) => tx.insert('journal', { note: 'x' }, keyed),
      (tx) => tx.batch([tx.build.insert('journal', { note: 'x' })], keyed),
      (tx) => tx.sql(keyed)`insert into journal (note) values ('x')`,
    ];
    for (const write of inside) {
      await expect(db.as(alice).transaction(async (tx) => write(tx))).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
    }
    await expect(db.as(alice).transaction(async () => 1, { ...keyed, readOnly: true })).rejects.toMatchObject(
      { code: 'INVALID_OPTION' },
    );
    expect(await notesIn(modes, mode)).toEqual([]);
  });
});

describeFullStack('a keyed write without the schema cdb', () => {
  it.for(SOCKETS)('is refused and names cdb init, in %s mode', async (mode) => {
    await using database = await createTestDatabase({ sql: JOURNAL_ALONE });
    await using db = createDatabaseService({ [mode]: database.user[mode] });
    const mine = db.as(alice);
    const missing = {
      name: 'ConfigurationError',
      code: 'OWN_SCHEMA_MISSING',
      outcome: 'not-applied',
      hint: expect.stringContaining("'cdb init'"),
    };
    const calls = [
      () => mine.insert('journal', { note: 'x' }, keyed),
      () => mine.batch([mine.build.insert('journal', { note: 'x' })], keyed),
      () => mine.sql(keyed)`insert into journal (note) values (${'x'})`,
      ...(mode === 'transaction'
        ? []
        : [() => mine.transaction(async (tx) => tx.insert('journal', { note: 'x' }), keyed)]),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(missing);
    // An older version of it has other functions.
    await database.query('create schema cdb; grant usage on schema cdb to authenticated');
    for (const call of calls) await expect(call()).rejects.toMatchObject(missing);
    expect(await database.query('select from journal')).toEqual([]);
    // What the application itself lacks is told as before.
    await expect(mine.sql`select missing_function(${1})`).rejects.toMatchObject({
      code: 'INVALID_STATEMENT',
    });
  });
});
