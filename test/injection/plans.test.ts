import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { compileCaller } from '../../src/consolidated/sql/compile-caller.ts';
import { Fragment, render } from '../../src/consolidated/sql/fragment.ts';
import { scan } from '../../src/consolidated/sql/scan.ts';
import { fragment, identifier, json, op, path, ValidationError } from '../../src/index.ts';
import { HOSTILE_TEXTS, storableText, UNSENDABLE_TEXTS } from './hostile-texts.ts';
import { compile, hostileCatalog, type Sent } from './plan-compiler.ts';
import { check, PROPERTY_TIMEOUT_MS } from './property-runs.ts';

let catalog: Catalog;

beforeAll(async () => {
  catalog = await hostileCatalog();
});

type Make = (value: string) => unknown;

/** A filter of each kind on a column that takes it, around one text. */
const FILTERS: readonly Make[] = [
  (x) => ({ t: x }),
  (x) => ({ v: op.eq(x) }),
  (x) => ({ t: op.neq(x) }),
  (x) => ({ t: op.gt(x), v: op.lte(x) }),
  (x) => ({ t: op.like(x) }),
  (x) => ({ t: op.ilike(x) }),
  (x) => ({ t: op.match(x) }),
  (x) => ({ t: op.not(op.imatch(x)) }),
  (x) => ({ t: op.isDistinct(x) }),
  (x) => ({ t: op.in([x]) }),
  (x) => ({ t: op.in([x, x, `${x}x`]) }),
  (x) => ({ t: op.textSearch(x, { type: 'websearch' }) }),
  (x) => ({ tv: op.textSearch(x, { type: 'plain', config: x }) }),
  (x) => ({ ts: op.eq([x, null]) }),
  (x) => ({ ts: op.contains([x]) }),
  (x) => ({ ts: op.overlaps([x, x]) }),
  (x) => ({ ts: op.in([[x], [x, x]]) }),
  (x) => ({ jb: op.contains({ [x]: x }) }),
  (x) => ({ jb: { [x]: [x] } }),
  (x) => ({ p: op.eq({ first: x, 'second "one"': x }) }),
  (x) => ({ b: op.eq(Buffer.from(x)) }),
  (x) => ({ r: op.contains(x) }),
  (x) => ({ 'a "quoted" column; --': x, $1: x }),
  (x) => [path('jb', x, x).where(x)],
  (x) => [path('j', 'a', x).where(op.like(x))],
  (x) => [
    path('jb', x)
      .as('jsonb')
      .where({ [x]: x }),
  ],
  (x) => [op.or({ t: x }, { v: op.like(x) }, op.not(op.and({ t: x }, path('jb', x).where(op.in([x])))))],
  (x) => ({ e: op.eq(`[1,2,${HOSTILE_TEXTS.indexOf(x) + 1}]`) }),
];

/** A call of each method around filters and texts. */
const CALLS: readonly ((x: string, filters: Make) => Parameters<typeof compile>[1])[] = [
  (x, f) => (s) => s.select('hostile', { filters: f(x) }),
  (x, f) => (s) =>
    s.select('hostile', {
      filters: f(x),
      count: 'exact',
      limit: x.length,
      offset: x.length,
      orderBy: ['t', 'id'],
      after: { t: x, id: x.length },
    }),
  (x, f) => (s) =>
    s.select('hostile', {
      filters: f(x),
      columns: ['id', path('jb', x)],
      orderBy: [path('jb', x), { column: 'id', direction: 'desc' }],
    }),
  (x, f) => (s) => s.selectOne('hostile', { filters: f(x), columns: ['a "quoted" column; --'] }),
  (x, f) => (s) => s.count('hostile', { filters: f(x), method: 'estimated' }),
  (x) => (s) =>
    s.insert('hostile', {
      id: x.length,
      t: x,
      ts: [x, null],
      j: { [x]: x },
      jb: x,
      p: { first: x },
      b: Buffer.from(x),
      $1: x,
    }),
  (x) => (s) => s.insert('hostile', [{ id: 1, t: x }, { id: 2, t: x, v: x, jb: [x], ts: [x] }], { returning: ['id', '$1'] }), // biome-ignore format: the rows
  (x, f) => (s) =>
    s.update('hostile', { t: x, jb: { [x]: null }, n: x, m: 'sad' }, { filters: f(x), expect: x.length }),
  (x, f) => (s) => s.delete('hostile', { filters: f(x), returning: false }),
  (x) => (s) => s.upsert('hostile', { id: 1, t: x, v: x }, { onConflict: 't', update: ['v'] }),
  (x) => (s) => s.upsert('hostile', [{ id: 1, t: x }], { ignoreDuplicates: true, returning: false }),
  (x) => (s) => s.rpc('echo', { said: x }),
  (x) => (s) => s.rpc('echo_json', { said: { [x]: [x] } }),
  (x) => (s) => s.rpc('echo_all', { said: [x, null, x] }),
  (x) => (s) => s.rpc('odd " name', { 'odd " argument': x }),
  (x) => (s) => s.rpc('keep', { wanted: x.length, said: x }),
  (x, f) => (s) =>
    s.vectorSearch('hostile', {
      vector: [x.length, 1, 0.5],
      filters: f(x),
      similarityThreshold: x.length / 1e6,
    }),
];

/** The call's texts, or that it was refused: for its values, since the shape is a good one. */
function textsOf(describe: Parameters<typeof compile>[1]): readonly string[] | 'refused' {
  try {
    return compile(catalog, describe).texts;
  } catch (error) {
    if (error instanceof ValidationError) return 'refused';
    throw error;
  }
}

const PLAIN = 'plain';

describe('SQL text never changes with values', () => {
  it('for any method, filter and text', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
    await check(
      40,
      fc.property(fc.constantFrom(...CALLS), fc.constantFrom(...FILTERS), storableText, (call, filter, x) => {
        const texts = textsOf(call(x, filter));
        if (texts !== 'refused') expect(texts).toStrictEqual(textsOf(call(PLAIN, filter)));
      }),
    );
  });

  it.each(CALLS.map((call, index) => [index, call] as const))(
    'in method %i around each hostile text',
    (_index, call) => {
      for (const filter of call.length > 1 ? FILTERS : FILTERS.slice(0, 1)) {
        const plain = textsOf(call(PLAIN, filter));
        for (const x of HOSTILE_TEXTS.filter((text) => text.length < 6_000)) {
          const texts = textsOf(call(x, filter));
          if (texts !== 'refused') expect(texts).toStrictEqual(plain);
        }
      }
    },
  );

  it('takes a hostile text as a value wherever it is one of the column', () => {
    const taken = CALLS.flatMap((call) => FILTERS.map((filter) => textsOf(call("'; --", filter))));
    expect(taken.filter((texts) => texts === 'refused').length).toBeLessThan(taken.length / 3);
  });

  it('refuses U+0000 and halves of surrogate pairs, wherever they stand', () => {
    for (const x of UNSENDABLE_TEXTS) {
      for (const filter of FILTERS.filter((make) => !/Buffer|indexOf/.test(String(make)))) {
        expect(() => compile(catalog, (s) => s.select('hostile', { filters: filter(x) }))).toThrow(
          ValidationError,
        );
      }
      expect(() => compile(catalog, (s) => s.insert('hostile', { id: 1, t: x }))).toThrow(ValidationError);
      expect(() => compile(catalog, (s) => s.insert('hostile', [{ id: 1, j: [{ a: x }] }]))).toThrow(
        ValidationError,
      );
      expect(() => compile(catalog, (s) => s.rpc('echo', { said: x }))).toThrow(ValidationError);
      expect(() => compileCaller(fragment`select ${x}`)).toThrow(ValidationError);
      expect(() => compileCaller(fragment`select ${[x]}`)).toThrow(ValidationError);
      expect(() => json({ [x]: 1 })).toThrow(ValidationError);
      expect(() => identifier(x)).toThrow(ValidationError);
    }
  });

  it('in templates of SQL', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
    const value = fc.oneof(
      storableText,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(storableText),
      fc.date({ noInvalidDate: true }),
    );
    const texts = (a: unknown, b: unknown) => {
      const { plan } = compileCaller(
        fragment`select ${a} as a from hostile where ${fragment`t = ${b}`} and jb @> ${json({ a: b })}`,
      );
      return [plan.text, plan.document, plan.name];
    };
    await check(
      10,
      fc.property(value, value, (a, b) => {
        expect(texts(a, b)).toStrictEqual(texts('a', 'b'));
      }),
    );
  });
});

/** A name that nothing in the schema has, at times all but one that something has. */
const KNOWN = [
  'hostile',
  'empty_one',
  'id',
  't',
  'ts',
  'jb',
  'e',
  '$1',
  'a "quoted" column; --',
  'echo',
  'said',
  'odd " name',
  'public',
];
const unknownName = fc
  .oneof(
    storableText,
    fc.constantFrom(...UNSENDABLE_TEXTS),
    fc
      .tuple(
        fc.constantFrom(...KNOWN),
        fc.constantFrom(' ', '"', '"; --', '::text', '.id', '()', ' desc', "->>'a'", '\0', 'S'),
      )
      .map(([name, rest]) => name + rest),
    fc.constantFrom(...KNOWN).map((name) => `"${name}"`),
    fc.constantFrom(...KNOWN).map((name) => `public.${name}`),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'valueOf',
      'HOSTILE',
      'T',
      '*',
      'count(*)',
      '1',
      'ctid',
      'xmin',
      'tableoid',
      'oid',
      'pg_catalog',
      'pg_sleep',
      'set_config',
      'version',
      'lower',
    ),
  )
  .filter((name) => !KNOWN.includes(name));

/** Each place where a call takes a name. */
const NAMED: readonly ((name: string) => Parameters<typeof compile>[1])[] = [
  (name) => (s) => s.select(name),
  (name) => (s) => s.count(name),
  (name) => (s) => s.insert(name, { id: 1 }),
  (name) => (s) => s.update(name, { t: 'x' }, { all: true }),
  (name) => (s) => s.delete(name, { all: true }),
  (name) => (s) => s.upsert(name, { id: 1 }),
  (name) => (s) => s.vectorSearch(name, { vector: [1, 2, 3] }),
  (name) => (s) => s.rpc(name),
  (name) => (s) => s.rpc('echo', own({ said: 'x' }, name, 'x')),
  (name) => (s) => s.select('hostile', { columns: ['id', name] }),
  (name) => (s) => s.select('hostile', { columns: [path(name === '' ? '?' : name, 'a')] }),
  (name) => (s) => s.select('hostile', { filters: own({}, name, 'x') }),
  (name) => (s) => s.select('hostile', { filters: own({}, name, op.is(null)) }),
  (name) => (s) => s.select('hostile', { filters: [op.or({ id: 1 }, own({}, name, 1))] }),
  (name) => (s) => s.select('hostile', { orderBy: name }),
  (name) => (s) => s.select('hostile', { orderBy: [{ column: name }] }),
  (name) => (s) => s.select('hostile', { orderBy: [{ column: 'id', direction: name as never }] }),
  (name) => (s) => s.select('hostile', { orderBy: [{ column: 'id', nulls: name as never }] }),
  (name) => (s) => s.select('hostile', { orderBy: 'id', after: own({ id: 1 }, name, 1) }),
  (name) => (s) => s.select('hostile', own({}, name, 1)),
  (name) => (s) => s.select('hostile', { limit: name as never }),
  (name) => (s) => s.select('hostile', { count: name as never }),
  (name) => (s) => s.insert('hostile', own({ id: 1 }, name, 1)),
  (name) => (s) => s.insert('hostile', [{ id: 1 }, own({ id: 1 }, name, 1)]),
  (name) => (s) => s.insert('hostile', { id: 1 }, { returning: [name] }),
  (name) => (s) => s.update('hostile', own({}, name, 1), { all: true }),
  (name) => (s) => s.upsert('hostile', { id: 1 }, { onConflict: name }),
  (name) => (s) => s.upsert('hostile', { id: 1, t: 'x' }, { onConflict: 'id', update: [name] }),
  (name) => (s) => s.vectorSearch('hostile', { column: name, vector: [1, 2, 3] }),
  (name) => (s) => s.vectorSearch('hostile', { vector: [1, 2, 3], metric: name as never }),
  (name) => (s) => s.insert('hostile', { id: 1, m: name }),
  (name) => (s) => s.insert('hostile', { id: 1, p: own({}, name, 'x') }),
  (name) => (s) =>
    s.select('hostile', {
      filters: [
        path('jb', 'a')
          .as(name as 'integer')
          .where(1),
      ],
    }),
];

/** The object with one more property of its own, `__proto__` too. */
function own(object: object, name: string, value: unknown): Record<string, unknown> {
  return Object.defineProperty({ ...object }, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Where the empty name is a good one, or a name cannot be told from a value. */
const mayBeGood = (name: string) =>
  name === '' || ['asc', 'desc', 'first', 'last', 'exact', 'columns', 'filters'].includes(name);

describe('what is not in the catalog is refused', () => {
  it('wherever a name is taken', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
    await check(
      25,
      fc.property(fc.constantFrom(...NAMED), unknownName, (call, name) => {
        fc.pre(!mayBeGood(name));
        expect(() => compile(catalog, call(name))).toThrow(ValidationError);
      }),
    );
  });

  it.each(NAMED.map((call, index) => [index, call] as const))(
    'in place %i by the hostile names',
    (_index, call) => {
      for (const name of [
        ...HOSTILE_TEXTS,
        ...UNSENDABLE_TEXTS,
        '__proto__',
        'toString',
        'ctid',
        'T',
        'hostile; --',
      ]) {
        if (!mayBeGood(name) && !KNOWN.includes(name))
          expect(() => compile(catalog, call(name))).toThrow(ValidationError);
      }
    },
  );

  it('names no schema that is not exposed', () => {
    for (const schema of ['pg_catalog', 'auth', 'extensions', 'public"; --', '__proto__']) {
      expect(() => catalog.relation(schema, 'users')?.columns).not.toThrow();
      expect(catalog.relation(schema, 'users')).toBeUndefined();
      expect(catalog.functions(schema, 'set_config')).toHaveLength(0);
    }
  });
});

describe('identifiers', () => {
  it('are one quoted name, whatever they hold', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
    await check(
      10,
      fc.property(storableText, (name) => {
        fc.pre(name !== '' && Buffer.byteLength(name) <= 63);
        const { text } = render(identifier(name));
        expect(scan(text)).toStrictEqual([{ kind: 'name', text, start: 0, depth: 0 }]);
        expect(text.slice(1, -1).replaceAll('""', '"')).toBe(name);
      }),
    );
  });

  it.each(['', 'x'.repeat(64), '🙂'.repeat(16), 'a\0b', '\ud800', 1, null, undefined, {}, ['id']])(
    'refuse %j',
    (name) => {
      expect(() => identifier(name as string)).toThrow(ValidationError);
    },
  );
});

/** The conditions that plain values can make: equality and IS NULL. */
const PLAIN_CONDITIONS = /^((t\.)?"(?:[^"]|"")+" (= \$\d+::[\w ."[\]]+|is null)( and |$))*$/;

describe('operators made of parsed JSON never act', () => {
  const texts = (sent: Sent) => sent.texts[0]!;

  it('whatever JSON a filter is', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
    const name = fc.constantFrom(
      'kind',
      'name',
      'value',
      'values',
      'operator',
      'parts',
      'op',
      '#node',
      'node',
      'eq',
      'or',
      'not',
      '$ne',
      'in',
      'strings',
      'raw',
      't',
      'id',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom('neq', 'or', 'like', 'is', 'path', 'value', 'template', null, true, 1, '%'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(name, tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    const column = fc.constantFrom('t', 'v', 'n', 'm', 'jb', 'at', 'ts', 'p', 'b', 'r', 'e');
    await check(
      15,
      fc.property(
        fc.oneof(
          fc.tuple(column, value).map(([key, filter]) => own({}, key, filter)),
          value,
          fc.array(value),
        ),
        (given) => {
          const filters: unknown = JSON.parse(JSON.stringify(given));
          try {
            const where =
              texts(compile(catalog, (s) => s.select('hostile', { columns: ['id'], filters }))).split(
                ' where ',
              )[1] ?? '';
            expect(where.replace(/ ?limit \$\d+::int8$/, '')).toMatch(PLAIN_CONDITIONS);
          } catch (error) {
            if (!(error instanceof ValidationError)) throw error;
          }
        },
      ),
    );
  });

  it.each([
    ['an operator', op.neq('x')],
    ['an operator of a list', op.in(['x'])],
    ['a negation', op.not(op.eq('x'))],
  ])('%s that went through JSON is none', (_name, operator) => {
    const parsed: unknown = JSON.parse(JSON.stringify(operator));
    expect(() => compile(catalog, (s) => s.select('hostile', { filters: { t: parsed } }))).toThrow(
      ValidationError,
    );
    expect(() => compile(catalog, (s) => s.select('hostile', { filters: [parsed] }))).not.toThrow(TypeError);
  });

  it('look-alikes with the class in their prototype are none', () => {
    const operator = Object.create(Object.getPrototypeOf(op.eq('x')) as object) as unknown;
    expect(() => compile(catalog, (s) => s.select('hostile', { filters: { t: operator } }))).toThrow(
      ValidationError,
    );
    const piece = Object.create(Fragment.prototype) as unknown;
    expect(() => compileCaller(fragment`select ${piece}`).plan.text).not.toThrow(TypeError);
  });

  it('a template that was parsed is none', () => {
    const strings = JSON.parse(
      '{"raw":["drop table hostile"],"0":"drop table hostile","length":1}',
    ) as TemplateStringsArray;
    expect(() => fragment(strings)).toThrow(ValidationError);
    expect(() => fragment(Object.assign(['drop table hostile'], { raw: ['x'] }) as never)).toThrow(
      ValidationError,
    );
    expect(() => fragment('drop table hostile' as never)).toThrow(ValidationError);
  });

  it('an empty object from JSON as a filter of a write is no condition', () => {
    expect(() =>
      compile(catalog, (s) => s.delete('hostile', { filters: JSON.parse('{}') as object })),
    ).toThrow(expect.objectContaining({ code: 'FILTER_REQUIRED' }));
    expect(() => compile(catalog, (s) => s.delete('hostile', { filters: [] }))).toThrow(
      expect.objectContaining({ code: 'FILTER_REQUIRED' }),
    );
    expect(() => compile(catalog, (s) => s.delete('hostile', { filters: [{}, {}] }))).toThrow(
      expect.objectContaining({ code: 'FILTER_REQUIRED' }),
    );
  });
});
