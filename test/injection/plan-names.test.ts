import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { render } from '../../src/consolidated/raw-sql/fragment.ts';
import { scan } from '../../src/consolidated/raw-sql/scan.ts';
import { identifier, op, path } from '../../src/index.ts';
import { refusal } from '../support/refusal.ts';
import { HOSTILE_TEXTS, storableText, UNSENDABLE_TEXTS } from './hostile-texts.ts';
import { own } from './own-property.ts';
import { compile, hostileCatalog } from './plan-compiler.ts';
import { check, PROPERTY_TIMEOUT_MS } from './property-runs.ts';

let catalog: Catalog;

beforeAll(async () => {
  catalog = await hostileCatalog();
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
  (name) => (s) => s.hybridSearch(name, { text: 'x', textColumn: 't', vector: [1, 2, 3] }),
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
  (name) => (s) => s.vectorSearch('hostile', { vector: [1, 2, 3], recall: name as never }),
  (name) => (s) => s.vectorSearch('hostile', { vector: [1, 2, 3], info: name as never }),
  (name) => (s) => s.vectorSearch('hostile', { vectors: [[1, 2, 3], name as never] }),
  (name) => (s) => s.vectorSearch('hostile', { near: own({}, name, 1) }),
  (name) => (s) => s.vectorSearch('hostile', { near: own({ id: 1 }, name, 1) }),
  (name) => (s) => s.vectorSearch('hostile', { near: { id: name } }),
  (name) => (s) => s.vectorSearch('hostile', { near: { id: 1 }, column: name }),
  (name) => (s) => s.hybridSearch('hostile', { text: 'x', textColumn: name, vector: [1, 2, 3] }),
  (name) => (s) => s.hybridSearch('hostile', { text: 'x', textColumns: ['t', name], vector: [1, 2, 3] }),
  (name) => (s) => s.hybridSearch('hostile', { text: 'x', textColumn: 't', column: name, vector: [1, 2, 3] }),
  (name) => (s) =>
    s.hybridSearch('hostile', { text: 'x', textColumn: 't', weights: own({}, name, 1), vector: [1, 2, 3] }),
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

/** Where the empty name is a good one, or a name cannot be told from a value. */
const mayBeGood = (name: string) =>
  name === '' || ['asc', 'desc', 'first', 'last', 'exact', 'columns', 'filters'].includes(name);

describe('what is not in the catalog is refused', () => {
  it('wherever a name is taken', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
    await check(
      25,
      fc.property(fc.constantFrom(...NAMED), unknownName, (call, name) => {
        fc.pre(!mayBeGood(name));
        expect(() => compile(catalog, call(name))).toThrow(refusal);
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
          expect(() => compile(catalog, call(name))).toThrow(refusal);
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
        expect(scan(text)).toStrictEqual({
          tokens: [{ kind: 'name', text, start: 0, end: text.length, depth: 0 }],
          closed: true,
        });
        expect(text.slice(1, -1).replaceAll('""', '"')).toBe(name);
      }),
    );
  });

  it.each(['', 'x'.repeat(64), '🙂'.repeat(16), 'a\0b', '\ud800', 1, null, undefined, {}, ['id']])(
    'refuse %j',
    (name) => {
      expect(() => identifier(name as string)).toThrow(refusal);
    },
  );
});
