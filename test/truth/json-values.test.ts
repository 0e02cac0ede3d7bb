import { afterEach, describe, expect, it } from 'vitest';
import { fragment, json, op, path, service, UsageError, ValidationError } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SCHEMA = `
  create type part as (label text, data jsonb);
  create table docs (id int primary key, meta jsonb, plain json, list jsonb[], part part);
  grant all on docs to service_role;
  create function echo(said jsonb) returns jsonb immutable language sql as 'select said';
`;

const LOST: Readonly<Record<string, () => unknown>> = {
  'undefined in an array': () => undefined,
  NaN: () => Number.NaN,
  'a Map': () => new Map([['secret', 1]]),
  'a Promise': () => Promise.resolve('secret'),
  'an operator': () => op.gte(1),
  'a fragment': () => fragment`now()`,
  'json(…) inside': () => json(1),
};

describeEveryMode('a value of JSON', SCHEMA, (modes) => {
  afterEach(() => Promise.all(MODES.map((mode) => modes.query(mode, 'delete from docs'))));

  describe.each(MODES)('in %s mode', (mode) => {
    it('is JSON null or SQL null, as it was given', async () => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      const both = {
        meta: json(null),
        plain: json(null),
        list: [json(null), null],
        part: { data: json(null) },
      };
      await db.insert('docs', { id: 1, ...both });
      await db.insert('docs', [
        { id: 2, ...both },
        { id: 3, meta: null },
      ]);
      await db.insert('docs', { id: 4 });
      await db.update('docs', { meta: json(null) }, { filters: { id: 4 } });
      await db.upsert('docs', { id: 5, meta: json({ a: [1] }) });
      expect(
        await modes.query(
          mode,
          `select array_agg(coalesce(meta::text, '-') || coalesce(plain::text, '-') || coalesce(list::text, '-') ||
            coalesce((part).data::text, '-') order by id) as it from docs`,
        ),
      ).toEqual([
        {
          it: ['nullnull{"null",NULL}null', 'nullnull{"null",NULL}null', '----', 'null---', '{"a": [1]}---'],
        },
      ]);
      const ids = async (filters: object) =>
        (await db.select('docs', { filters: filters as never, columns: ['id'], orderBy: 'id' })).map(
          ({ id }) => id,
        );
      expect(await ids({ meta: json(null) })).toEqual([1, 2, 4]);
      expect(await ids({ meta: null })).toEqual([3]);
      expect(await ids({ meta: op.in([json(null), json({ a: [1] })]) })).toEqual([1, 2, 4, 5]);
      expect(await ids({ meta: op.contains(json({ a: [1] })) })).toEqual([5]);
      expect(
        await ids([
          path('meta', 'a')
            .as('jsonb')
            .where(json([1])),
        ]),
      ).toEqual([5]);
      expect(await db.rpc('echo', { said: json(['x']) })).toEqual(['x']);
      expect(
        await db.sql`select ${json(null)}::jsonb::text as one, ${[json(null), null]}::jsonb[]::text as two`,
      ).toEqual([{ one: 'null', two: '{"null",NULL}' }]);
    });

    it.each(Object.keys(LOST))('is refused by its path wherever it is sent: %s', async (what) => {
      await using handle = modes.service(mode);
      const db = handle.as(service());
      const tags = ['a', 'b', LOST[what]?.()];
      const calls: readonly (readonly [string, () => unknown])[] = [
        ['At meta.tags[2] it has ', () => db.insert('docs', { id: 1, meta: { tags } })],
        ['At meta.tags[2] it has ', () => db.insert('docs', [{ id: 1 }, { id: 2, meta: { tags } }])],
        ['At plain.tags[2] it has ', () => db.upsert('docs', { id: 1, plain: { tags } })],
        ['At meta.tags[2] it has ', () => db.update('docs', { meta: { tags } }, { all: true })],
        [
          'element 2 of column "list" of "docs" must be',
          () => db.insert('docs', { id: 1, list: [{}, { tags }] }),
        ],
        ['At data.tags[2] it has ', () => db.insert('docs', { id: 1, part: { data: { tags } } })],
        ['At meta.tags[2] it has ', () => db.select('docs', { filters: { meta: op.contains({ tags }) } })],
        ['At meta.tags[2] it has ', () => db.count('docs', { filters: { meta: { tags } } })],
        ['At tags[2] it has ', () => db.delete('docs', { filters: { meta: op.in([{ tags }]) } })],
        ['At said.tags[2] it has ', () => db.rpc('echo', { said: { tags } })],
        ['At tags[2] it has ', () => db.sql`select ${{ tags }}::jsonb`],
        ['At tags[2] it has ', () => db.sql`select ${json({ tags })}`],
        ['At meta.tags[2] it has ', () => db.batch([db.build.insert('docs', { id: 1, meta: { tags } })])],
      ];
      for (const [message, call] of calls) {
        const error = await refusalOf(async () => call());
        expect(error).toBeInstanceOf(what === 'NaN' ? ValidationError : UsageError);
        expect(error.outcome).toBe('not-applied');
        expect(error.message).toContain(message);
        expect(JSON.stringify(error)).not.toContain('secret');
      }
      expect(await db.count('docs')).toBe(0);
    });
  });

  it.each(PINNED)('is refused the same inside a transaction, which goes on, in %s mode', async (mode) => {
    await using handle = modes.service(mode);
    const db = handle.as(service());
    await db.transaction(async (tx) => {
      const error = await refusalOf(() => tx.insert('docs', { id: 1, meta: { tags: [Number.NaN] } }));
      expect(error.message).toContain('At meta.tags[0] it has NaN.');
      await tx.insert('docs', { id: 2, meta: json(null) });
      expect(await tx.count('docs', { filters: { meta: json(null) } })).toBe(1);
      await expect(
        (async () => {
          for await (const _ of tx.stream('docs', { filters: { meta: { tags: [new Map()] } } }))
            expect.fail();
        })(),
      ).rejects.toThrow('At meta.tags[0] it has an object of the class Map');
    });
  });
});
