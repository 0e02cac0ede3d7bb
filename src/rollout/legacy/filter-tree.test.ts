import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTree } from '../../../test/support/data-api/url-grammar.ts';
import { op } from '../../consolidated/filters/operator.ts';
import { path } from '../../consolidated/filters/path.ts';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { filterTree } from './filter-tree.ts';

/** As it comes out of the grammar of the Data API. */
function read(filters: unknown): unknown {
  return readTree('or', `(${filterTree({ filters })})`);
}

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        ',',
        '(',
        ')',
        '.',
        'or(',
        ',a.eq.1',
        '").or("',
        '{',
        '}',
        ' ',
        '%22',
        '&',
        '*',
        'null',
      ),
    )
    .map((parts) => parts.join('')),
);
const sendable = hostile.filter((text) => !text.includes('\0') && text.isWellFormed());

describe('a tree of filters', () => {
  it('has values that end nowhere but at their end', () => {
    fc.assert(
      fc.property(sendable, sendable, (one, other) => {
        const value = (text: string) => ({ kind: 'value', value: text });
        expect(read([op.or({ a: one }, { b: op.gt(other) })])).toMatchObject({
          kind: 'or',
          parts: [
            {
              kind: 'or',
              parts: [
                { operator: 'eq', operand: value(one) },
                { operator: 'gt', operand: value(other) },
              ],
            },
          ],
        });
        expect(read({ a: op.not(op.match(one)) })).toMatchObject({
          parts: [{ kind: 'and', negated: true, parts: [{ operator: 'match', operand: value(one) }] }],
        });
        expect(read({ a: op.textSearch(one, { type: 'websearch' }) })).toMatchObject({
          parts: [{ operator: 'wfts', operand: value(one) }],
        });
        expect(read({ a: op.in([one, other, 'x']) })).toMatchObject({
          parts: [{ operator: 'in', operand: { kind: 'list', values: [one, other, 'x'] } }],
        });
      }),
    );
  });

  it('has columns whose names mean nothing', () => {
    for (const column of [
      'order',
      'or',
      'and',
      'select',
      'limit',
      'not',
      'a.b',
      'a,b',
      'a(b)',
      'a->>b',
      ' a ',
      'á',
    ]) {
      expect(read({ [column]: 1 })).toMatchObject({ parts: [{ column, operator: 'eq' }] });
    }
  });

  it.each(['a"b', 'a\\', '', '\ud800', 'a\nb'])(
    'refuses a name of a column that could be several: %j',
    (column) => {
      expect(() => filterTree({ filters: { [column]: 1 } })).toThrow(UsageError);
    },
  );

  it('tells a list of one empty text from an empty list, which are one for the Data API', () => {
    expect(filterTree({ filters: { a: op.in(['']) } })).toBe('"a".eq.""');
    expect(filterTree({ filters: { a: op.in([]) } })).toBe('"a".in.()');
  });

  it('keeps a star of a pattern, which the Data API takes for a percent sign', () => {
    expect(filterTree({ filters: { a: op.like('100%*(_\\%') } })).toBe('"a".match."***:^100.*\\\\*\\\\(.%$"');
    expect(filterTree({ filters: { a: op.ilike('a%') } })).toBe('"a".ilike."a%"');
    expect(() => filterTree({ filters: { a: op.like('*\\') } })).toThrow(ValidationError);
  });

  it('is none where there are no conditions, and refuses filters that would match every row', () => {
    expect(filterTree({})).toBeUndefined();
    expect(filterTree({ filters: {} })).toBeUndefined();
    expect(filterTree({ filters: [{}, {}] })).toBeUndefined();
    expect(() => filterTree({ filters: undefined })).toThrow(UsageError);
    expect(() => filterTree({ filters: [op.or({ a: 1 }, {})] })).toThrow(UsageError);
    expect(() => filterTree({ filters: [op.not(op.and({}))] })).toThrow(UsageError);
    expect(() => filterTree({ filters: { a: undefined } })).toThrow(UsageError);
    expect(() => filterTree({ filters: 'a.eq.1' })).toThrow(UsageError);
  });

  it('refuses values that are none, and what the Data API cannot do', () => {
    for (const value of [[1], '\0', '\ud800', op.in([null as never])]) {
      expect(() => filterTree({ filters: { a: value } })).toThrow(ValidationError);
    }
    expect(() => filterTree({ filters: [path('a', 'b').where('c')] })).toThrow(UsageError);
    expect(() => filterTree({ filters: { a: op.textSearch('x', { config: 'x).eq.(' }) } })).toThrow(
      UsageError,
    );
  });

  it('is as deep as the service takes filters, and no deeper', () => {
    const deep = (levels: number) => {
      let condition = op.or({ a: 1 }, { b: 2 });
      for (let level = 1; level < levels; level++) condition = op.and({ c: 3 }, condition);
      return { filters: [condition] };
    };
    expect(filterTree(deep(32))).toContain('"a".eq."1"');
    expect(() => filterTree(deep(33))).toThrow(ValidationError);
  });
});
