import { expect, it } from 'vitest';
import { type DatabaseHandle, identifier, json, op, path } from '../../src/index.ts';
import { describeFourModes } from '../parity/four-modes.ts';
import { refusal } from '../support/refusal.ts';
import { HOSTILE_SQL } from './hostile-schema.ts';
import { HOSTILE_TEXTS, UNSENDABLE_TEXTS } from './hostile-texts.ts';

const ROWS = HOSTILE_TEXTS.map((t, id) => ({ id, t }));
const SHORT = HOSTILE_TEXTS.filter((text) => text.length < 1_000);
const reset = 'delete from hostile';

/** One property per text, `__proto__` among them. */
const keyed = (texts: readonly string[]) => Object.fromEntries(texts.map((text) => [text, text]));

/** Answers with all results, one statement after the other. */
async function each<T>(
  texts: readonly string[],
  ask: (text: string, index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const [index, text] of texts.entries()) results.push(await ask(text, index));
  return results;
}

describeFourModes('hostile texts come back byte for byte', HOSTILE_SQL, (modes) => {
  it('as rows of one insert', async () => {
    const written = await modes.alike((db) => db.insert('hostile', ROWS, { returning: ['id', 't'] }), {
      reset,
    });
    expect(written).toStrictEqual(ROWS);
    expect(
      await modes.alike((db) => db.select('hostile', { columns: ['id', 't'], orderBy: 'id' })),
    ).toStrictEqual(ROWS);
    expect(await modes.alike((db) => db.sql`select id, t from hostile order by id`)).toStrictEqual(ROWS);
  });

  it('as rows of one insert each', async () => {
    const run = (db: DatabaseHandle) =>
      each(SHORT, (t, id) => db.insert('hostile', { id, t, $1: t, 'a "quoted" column; --': t }));
    const written = (await modes.alike(run, { reset })) as Record<string, unknown>[];
    expect(written.map((row) => [row.t, row.$1, row['a "quoted" column; --']])).toStrictEqual(
      SHORT.map((t) => [t, t, t]),
    );
  });

  it('as filters, which find the one row that has it', async () => {
    await modes.alike((db) => db.insert('hostile', ROWS, { returning: false }), { reset });
    const ids = HOSTILE_TEXTS.map((_, id) => ({ id }));
    const one = { columns: ['id'] };
    expect(
      await modes.alike((db) =>
        each(HOSTILE_TEXTS, (t) => db.selectOne('hostile', { ...one, filters: { t } })),
      ),
    ).toStrictEqual(ids);
    expect(
      await modes.alike((db) =>
        each(HOSTILE_TEXTS, (t) => db.selectOne('hostile', { ...one, filters: { t: op.in([t]) } })),
      ),
    ).toStrictEqual(ids);
    expect(
      await modes.alike((db) =>
        db.select('hostile', { ...one, orderBy: 'id', filters: { t: op.in(HOSTILE_TEXTS) } }),
      ),
    ).toStrictEqual(ids);
    expect(
      await modes.alike((db) => each(SHORT, (t) => db.count('hostile', { filters: { t: op.neq(t) } }))),
    ).toStrictEqual(SHORT.map(() => ROWS.length - 1));
  });

  it('as updates, upserts and deletes, which touch the one row that has it', async () => {
    const run = async (db: DatabaseHandle) => {
      await db.insert('hostile', ROWS, { returning: false });
      const updated = await each(SHORT, (t) =>
        db.update('hostile', { v: t }, { filters: { t }, expect: 1, returning: ['v'] }),
      );
      const upserted = await db.upsert('hostile', ROWS.map((row) => ({ ...row, $1: row.t })), { onConflict: 't', update: ['$1'], returning: ['$1'] }); // biome-ignore format: one call
      const deleted = await each(SHORT, (t) =>
        db.delete('hostile', { filters: { t, v: t }, expect: 1, returning: false }),
      );
      return [updated.flat(), upserted, deleted, await db.count('hostile')];
    };
    expect(await modes.alike(run, { reset })).toStrictEqual([
      SHORT.map((v) => ({ v })),
      ROWS.map(({ t }) => ({ $1: t })),
      SHORT.map(() => 1),
      HOSTILE_TEXTS.length - SHORT.length,
    ]);
  });

  it('in arrays, json, composites and bytes', async () => {
    const row = {
      id: 1,
      ts: [...HOSTILE_TEXTS, null],
      j: keyed(SHORT),
      jb: [keyed(SHORT), ...SHORT],
      p: { first: '\'"\\(),', 'second "one"': '{"}' },
    };
    const columns = Object.keys(row);
    expect(
      await modes.alike((db) => db.insert('hostile', row, { returning: columns }), { reset }),
    ).toStrictEqual(row);
    expect(
      await modes.alike((db) =>
        db.select('hostile', { columns, filters: { ts: op.eq(row.ts), jb: op.eq(row.jb) } }),
      ),
    ).toStrictEqual([row]);
    const pairs = await modes.alike((db) =>
      each(
        SHORT,
        (first) =>
          db.sql<{ p: unknown }>`select ${'x'}::text as x, row(${first}::text, ${first}::text)::pair as p`,
      ),
    );
    expect(pairs).toStrictEqual(SHORT.map((text) => [{ x: 'x', p: { first: text, 'second "one"': text } }]));
    const bytes = HOSTILE_TEXTS.map((text) => Buffer.from(text));
    const written = await modes.alike((db) => db.insert('hostile', bytes.map((b, id) => ({ id, b })), { returning: ['b'] }), { reset }); // biome-ignore format: one call
    expect(written).toStrictEqual(bytes.map((b) => ({ b: `\\x${b.toString('hex')}` })));
  });

  it('as steps of a path', async () => {
    await modes.alike(
      (db) => db.insert('hostile', { id: 1, jb: keyed(SHORT), j: keyed(SHORT) }, { returning: false }),
      { reset },
    );
    for (const column of ['j', 'jb']) {
      const run = (db: DatabaseHandle) =>
        each(SHORT, (text) => db.count('hostile', { filters: [path(column, text).where(text)] }));
      expect(await modes.alike(run)).toStrictEqual(SHORT.map(() => 1));
    }
    const read = (db: DatabaseHandle) =>
      each(SHORT, (text) => db.selectOne('hostile', { columns: [path('jb', text)] as never }));
    expect(await modes.alike(read)).toStrictEqual(SHORT.map((text) => Object.fromEntries([[text, text]])));
  });

  it('as arguments of functions and of SQL', async () => {
    expect(await modes.alike((db) => each(HOSTILE_TEXTS, (said) => db.rpc('echo', { said })))).toStrictEqual(
      HOSTILE_TEXTS,
    );
    expect(
      await modes.alike((db) => each(SHORT, (said) => db.rpc('odd " name', { 'odd " argument': said }))),
    ).toStrictEqual(SHORT);
    expect(await modes.alike((db) => db.rpc('echo_json', { said: keyed(SHORT) }))).toStrictEqual(
      keyed(SHORT),
    );
    expect(await modes.alike((db) => db.rpc('echo_all', { said: HOSTILE_TEXTS }))).toStrictEqual(
      HOSTILE_TEXTS,
    );
    expect(
      await modes.alike((db) =>
        each(
          SHORT,
          (text) => db.sql`select ${text}::text as a, ${[text]}::text[] as b, ${json(text)}::jsonb as c`,
        ),
      ),
    ).toStrictEqual(SHORT.map((text) => [{ a: text, b: [text], c: text }]));
  });

  it('as identifiers, which name a column', async () => {
    const names = SHORT.filter((name) => name !== '' && Buffer.byteLength(name) <= 63);
    const run = (db: DatabaseHandle) => each(names, (name) => db.sql`select 1 as ${identifier(name)}`);
    expect(await modes.alike(run)).toStrictEqual(names.map((name) => [Object.fromEntries([[name, 1]])]));
    const missing = await modes.alikeError(
      (db) => db.sql`select * from ${identifier('public', 'hostile; drop table hostile')}`,
    );
    expect(missing.sqlState).toBe('42P01');
  });

  it('or are refused, when they cannot be stored', async () => {
    for (const text of UNSENDABLE_TEXTS) {
      const calls: ((db: DatabaseHandle) => Promise<unknown>)[] = [
        (db) => db.insert('hostile', { id: 1, t: text }),
        (db) => db.insert('hostile', [{ id: 1, jb: { [text]: 1 } }]),
        (db) => db.select('hostile', { filters: { t: op.in([text]) } }),
        (db) => db.select('hostile', { filters: [path('jb', text).where('x')] }),
        (db) => db.update('hostile', { t: text }, { all: true }),
        (db) => db.rpc('echo', { said: text }),
        (db) => db.sql`select ${text}::text`,
        (db) => db.notify('channel', text),
        (db) => db.notify(text, 'payload'),
      ];
      for (const call of calls) expect(await modes.alikeError(call)).toEqual(refusal);
    }
  });
});
