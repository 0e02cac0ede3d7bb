import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { compileRaw } from '../../src/consolidated/raw-sql/compile-raw.ts';
import { fragment, identifier, json, op, path } from '../../src/index.ts';
import { isRefusal, refusal } from '../support/refusal.ts';
import { HOSTILE_TEXTS, storableText, UNSENDABLE_TEXTS } from './hostile-texts.ts';
import { compile, hostileCatalog } from './plan-compiler.ts';
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
  (x, f) => (s) =>
    s.vectorSearch('hostile', {
      near: { t: x, v: x },
      filters: f(x),
      similarityThreshold: x.length / 1e6,
      recall: 'fast',
      info: true,
    }),
  (x, f) => (s) =>
    s.vectorSearch('hostile', {
      vectors: [
        [x.length, 1, 0.5],
        [1, x.length, 0.5],
      ],
      filters: f(x),
      recall: 'exact',
    }),
  (x) => (s) =>
    s.hybridSearch('hostile', {
      text: x,
      textColumn: 't',
      language: `public.${x}`,
      vector: [1, 1, 0.5],
    }),
  (x, f) => (s) =>
    s.hybridSearch('hostile', {
      text: x,
      textColumns: ['t', 'v'],
      vector: [x.length, 1, 0.5],
      filters: f(x),
      similarityThreshold: x.length / 1e6,
      weights: { text: x.length },
      limit: 1 + (x.length % 9),
      // How many are asked of an index decides its settings.
      candidates: 18,
    }),
];

/** The call's texts, or that it was refused: for its values, since the shape is a good one. */
function textsOf(describe: Parameters<typeof compile>[1]): readonly string[] | 'refused' {
  try {
    return compile(catalog, describe).texts;
  } catch (error) {
    if (isRefusal(error)) return 'refused';
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
        expect(() => compile(catalog, (s) => s.select('hostile', { filters: filter(x) }))).toThrow(refusal);
      }
      expect(() => compile(catalog, (s) => s.insert('hostile', { id: 1, t: x }))).toThrow(refusal);
      expect(() => compile(catalog, (s) => s.insert('hostile', [{ id: 1, j: [{ a: x }] }]))).toThrow(refusal);
      expect(() => compile(catalog, (s) => s.rpc('echo', { said: x }))).toThrow(refusal);
      expect(() => compile(catalog, (s) => s.vectorSearch('hostile', { near: { t: x } }))).toThrow(refusal);
      expect(() => compileRaw(fragment`select ${x}`)).toThrow(refusal);
      expect(() => compileRaw(fragment`select ${[x]}`)).toThrow(refusal);
      expect(() => json({ [x]: 1 })).toThrow(refusal);
      expect(() => identifier(x)).toThrow(refusal);
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
      const { plan } = compileRaw(
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
