import { describe, expect, it } from 'vitest';
import { AuthorizationError, NotFoundError, ValidationError } from '../contract/errors.ts';
import { differenceOf } from './compared-answers.ts';
import type { RowsAsked } from './compared-rows.ts';

const ROWS: RowsAsked = { order: [], isPage: false, isSearch: false, hasColumns: true };
const ORDERED = { ...ROWS, order: ['rank'] };
const PAGE = { ...ROWS, isPage: true };
const ORDERED_PAGE = { ...ORDERED, isPage: true };
const SEARCH = { ...ROWS, isSearch: true };

const compare = (legacy: unknown, consolidated: unknown, asked: RowsAsked = ROWS) =>
  differenceOf({ value: legacy }, { value: consolidated }, asked);

describe('answers that mean the same', () => {
  it.each<[string, unknown, unknown, RowsAsked?]>([
    ['rows in another order', [{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 1 }]],
    ['columns in another order', [{ id: 1, a: 'x' }], [{ a: 'x', id: 1 }]],
    [
      'keys of json in another order',
      [{ meta: { a: 1, b: [{ c: 1, d: 2 }] } }],
      [{ meta: { b: [{ d: 2, c: 1 }], a: 1 } }],
    ],
    ['a moment in UTC', [{ at: '2026-11-30T10:00:00+00:00' }], [{ at: '2026-11-30 10:00:00Z' }]],
    [
      'a moment in another offset',
      [{ at: '2026-11-30T12:30:00.120+02:30' }],
      [{ at: '2026-11-30T10:00:00.12+00' }],
    ],
    [
      'a moment as a Date',
      [{ at: new Date('2026-11-30T10:00:00.500Z') }],
      [{ at: '2026-11-30T10:00:00.5+00:00' }],
    ],
    ['a time without an offset', [{ at: '2026-11-30 10:00:00' }], [{ at: '2026-11-30T10:00:00.000' }]],
    ['a number as text', [{ price: '12.50' }, { price: null }], [{ price: null }, { price: 12.5 }]],
    ['an int8 as a bigint', [{ id: 7n }], [{ id: 7 }]],
    ['zero with a sign', [{ n: -0 }], [{ n: 0 }]],
    ['numbers of a list as text', [{ list: ['1.0', '2'] }], [{ list: [1, 2] }]],
    ['bytes', [{ b: new Uint8Array([1, 255]) }], [{ b: '\\x01ff' }]],
    ['no row', undefined, null],
    ['a value', 7, 7],
    ['a value as text', '7', 7],
    ['counted rows', { rows: [{ id: 1 }], count: 3 }, { rows: [{ id: 1 }], count: 3 }],
    [
      'ties of an order',
      [
        { id: 1, rank: 1 },
        { id: 2, rank: 1 },
      ],
      [
        { id: 2, rank: 1 },
        { id: 1, rank: 1 },
      ],
      ORDERED,
    ],
    ['another page without an order', [{ id: 1 }], [{ id: 2 }], PAGE],
    [
      'ties at the end of a page',
      [
        { id: 1, rank: 1 },
        { id: 2, rank: 2 },
      ],
      [
        { id: 1, rank: 1 },
        { id: 3, rank: 2 },
      ],
      ORDERED_PAGE,
    ],
    [
      'similarities that are computed in another way',
      [
        { id: 1, similarity: 0.9 },
        { id: 2, similarity: 0.5 },
      ],
      [
        { id: 1, similarity: 0.90000001 },
        { id: 2, similarity: 0.50000001 },
      ],
      SEARCH,
    ],
    [
      'neighbours that are equally far, at the end',
      [
        { id: 1, similarity: 0.9 },
        { id: 2, similarity: 0.5 },
      ],
      [
        { id: 1, similarity: 0.9 },
        { id: 3, similarity: 0.5 },
      ],
      SEARCH,
    ],
  ])('%s', (_, legacy, consolidated, asked) => {
    expect(compare(legacy, consolidated, asked)).toBeUndefined();
    expect(compare(consolidated, legacy, asked)).toBeUndefined();
  });

  it('errors of the same class', () => {
    const [one, other] = [new NotFoundError('none'), new NotFoundError('no row')];
    expect(differenceOf({ error: one }, { error: other }, ROWS)).toBeUndefined();
  });
});

describe('answers that differ', () => {
  it.each<[string, unknown, unknown, RowsAsked, unknown]>([
    [
      'a missing row',
      [{ id: 1 }, { id: 2 }],
      [{ id: 1 }],
      ROWS,
      { kind: 'rows', missing: 1, extra: 0, columns: [] },
    ],
    [
      'an extra row',
      [{ id: 1 }],
      [{ id: 1 }, { id: 1 }],
      ROWS,
      { kind: 'rows', missing: 0, extra: 1, columns: [] },
    ],
    [
      'a value',
      [
        { id: 1, title: 'secret' },
        { id: 2, title: 'b' },
      ],
      [
        { id: 1, title: 'c' },
        { id: 2, title: 'b' },
      ],
      ROWS,
      { kind: 'rows', missing: 1, extra: 1, columns: ['title'] },
    ],
    [
      'null for a text',
      [{ a: '' }],
      [{ a: null }],
      ROWS,
      { kind: 'rows', missing: 1, extra: 1, columns: ['a'] },
    ],
    [
      'null for a missing column',
      [{ a: null }],
      [{}],
      ROWS,
      { kind: 'rows', missing: 1, extra: 1, columns: ['a'] },
    ],
    [
      'a text like a number',
      [{ a: '01' }],
      [{ a: '1' }],
      ROWS,
      { kind: 'rows', missing: 1, extra: 1, columns: ['a'] },
    ],
    [
      'a number in json as text',
      [{ a: { b: 1 } }],
      [{ a: { b: '1' } }],
      ROWS,
      { kind: 'rows', missing: 1, extra: 1, columns: ['a'] },
    ],
    [
      'a microsecond',
      [{ a: '2026-01-01T00:00:00.000001Z' }],
      [{ a: '2026-01-01T00:00:00Z' }],
      ROWS,
      { kind: 'rows', missing: 1, extra: 1, columns: ['a'] },
    ],
    ['the order', [{ rank: 1 }, { rank: 2 }], [{ rank: 2 }, { rank: 1 }], ORDERED, { kind: 'order' }],
    [
      'the order of a page',
      [{ rank: 1 }, { rank: 2 }],
      [{ rank: 2 }, { rank: 1 }],
      ORDERED_PAGE,
      { kind: 'order' },
    ],
    [
      'a row within a page',
      [
        { id: 1, rank: 1 },
        { id: 2, rank: 2 },
        { id: 3, rank: 3 },
      ],
      [
        { id: 1, rank: 1 },
        { id: 9, rank: 2 },
        { id: 3, rank: 3 },
      ],
      ORDERED_PAGE,
      { kind: 'rows', missing: 1, extra: 1, columns: ['id'] },
    ],
    [
      'the number of rows of a page',
      [{ id: 1 }, { id: 2 }],
      [{ id: 3 }],
      PAGE,
      { kind: 'rows', missing: 2, extra: 1, columns: [] },
    ],
    ['the count', { rows: [], count: 3 }, { rows: [], count: 4 }, ROWS, { kind: 'count' }],
    ['a value of a function', 7, 8, ROWS, { kind: 'value' }],
    ['a row and none', { id: 1 }, undefined, ROWS, { kind: 'value' }],
    [
      'a similarity',
      [{ id: 1, similarity: 0.9 }],
      [{ id: 1, similarity: 0.8 }],
      SEARCH,
      { kind: 'rows', missing: 0, extra: 0, columns: ['similarity'] },
    ],
    [
      'names that may be data',
      { ana: 1 },
      { ana: 2 },
      { ...ROWS, hasColumns: false },
      { kind: 'rows', missing: 1, extra: 1, columns: [] },
    ],
  ])('%s', (_, legacy, consolidated, asked, difference) => {
    expect(compare(legacy, consolidated, asked)).toEqual(difference);
  });

  it('by the class of an error', () => {
    const refused = { error: new AuthorizationError('no') };
    expect(differenceOf({ value: [] }, refused, ROWS)).toEqual({
      kind: 'error',
      legacy: 'answer',
      consolidated: 'AuthorizationError',
    });
    expect(differenceOf({ error: new ValidationError('no') }, refused, ROWS)).toEqual({
      kind: 'error',
      legacy: 'ValidationError',
      consolidated: 'AuthorizationError',
    });
  });

  it('whose columns have names of every object', () => {
    const rowOf = (value: number) => JSON.parse(`{"__proto__": ${value}, "constructor": 1}`) as unknown;
    expect(compare([rowOf(1)], [rowOf(2)])).toMatchObject({ kind: 'rows' });
  });
});
