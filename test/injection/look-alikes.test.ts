import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { compileRaw } from '../../src/consolidated/raw-sql/compile-raw.ts';
import { Fragment, render } from '../../src/consolidated/raw-sql/fragment.ts';
import { fragment, join, op } from '../../src/index.ts';
import { isRefusal, refusal } from '../support/refusal.ts';
import { own } from './own-property.ts';
import { compile, hostileCatalog, type Sent } from './plan-compiler.ts';
import { check, PROPERTY_TIMEOUT_MS } from './property-runs.ts';

let catalog: Catalog;

beforeAll(async () => {
  catalog = await hostileCatalog();
});

/** The conditions that plain values can make: equality and IS NULL. */
const PLAIN_CONDITIONS = /^((t\.)?"(?:[^"]|"")+" (= \$\d+::[\w ."[\]]+|is null)( and |$))*$/;

/** What the classes hold in their private fields, as JSON could say it. */
const LOOK_ALIKES = [
  { kind: 'value', name: 'neq', value: 'x' },
  { kind: 'is', value: null },
  { kind: 'in', values: ['x', 'y'] },
  { kind: 'textSearch', query: 'x', options: {} },
  { kind: 'not', operator: { kind: 'is', value: null } },
  { kind: 'or', parts: [{ t: 'x' }, { id: 1 }] },
  { kind: 'and', parts: [{ t: 'x' }] },
  { kind: 'not', part: { kind: 'or', parts: [{ t: 'x' }] } },
  {
    kind: 'path',
    path: { column: 'jb', steps: ['a'], type: 'text', name: 'a' },
    filter: { kind: 'is', value: null },
  },
  { column: 'jb', steps: ['a'], type: 'text', name: 'a' },
  { kind: 'template', strings: ['drop table hostile'], parts: [] },
  { kind: 'identifier', text: 'hostile' },
] as const;

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
        fc.constantFrom(...LOOK_ALIKES),
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
            if (!isRefusal(error)) throw error;
          }
        },
      ),
    );
  });

  it.each(LOOK_ALIKES)('%j is no filter, no condition, no path and no SQL', (lookAlike) => {
    const parsed: unknown = JSON.parse(JSON.stringify(lookAlike));
    const selects = [
      { filters: { t: parsed } },
      { filters: { id: parsed } },
      { filters: [parsed] },
      { filters: parsed },
      { filters: [op.or({ t: parsed }, { id: 1 })] },
      { filters: [op.and(parsed as never)] },
      { columns: [parsed as never] },
      { orderBy: parsed },
      { orderBy: [parsed] },
    ];
    for (const options of selects) {
      expect(() => compile(catalog, (s) => s.select('hostile', options))).toThrow(refusal);
    }
    expect(() => op.not(parsed as never)).toThrow(refusal);
    expect(() => join([parsed as never])).toThrow(refusal);
    // Between backticks it is a value, bound as JSON.
    expect(render(fragment`select ${parsed}`)).toEqual({
      text: 'select $1',
      values: [JSON.stringify(parsed)],
    });
  });

  it.each([
    ['an operator', op.neq('x')],
    ['an operator of a list', op.in(['x'])],
    ['a negation', op.not(op.eq('x'))],
  ])('%s that went through JSON is none', (_name, operator) => {
    const parsed: unknown = JSON.parse(JSON.stringify(operator));
    expect(() => compile(catalog, (s) => s.select('hostile', { filters: { t: parsed } }))).toThrow(refusal);
    expect(() => compile(catalog, (s) => s.select('hostile', { filters: [parsed] }))).not.toThrow(TypeError);
  });

  it('look-alikes with the class in their prototype are none', () => {
    const operator = Object.create(Object.getPrototypeOf(op.eq('x')) as object) as unknown;
    expect(() => compile(catalog, (s) => s.select('hostile', { filters: { t: operator } }))).toThrow(refusal);
    const piece = Object.create(Fragment.prototype) as unknown;
    expect(() => compileRaw(fragment`select ${piece}`).plan.text).not.toThrow(TypeError);
  });

  it('a template that was parsed is none', () => {
    const strings = JSON.parse(
      '{"raw":["drop table hostile"],"0":"drop table hostile","length":1}',
    ) as TemplateStringsArray;
    expect(() => fragment(strings)).toThrow(refusal);
    expect(() => fragment(Object.assign(['drop table hostile'], { raw: ['x'] }) as never)).toThrow(refusal);
    expect(() => fragment('drop table hostile' as never)).toThrow(refusal);
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
