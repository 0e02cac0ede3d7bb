import { describe, expect, it } from 'vitest';
import { compileCount } from '../../src/consolidated/compile/count.ts';
import { compileDelete } from '../../src/consolidated/compile/delete.ts';
import { compileInsert } from '../../src/consolidated/compile/insert.ts';
import { compileSelect, type SelectOptions } from '../../src/consolidated/compile/select.ts';
import { compileUpdate } from '../../src/consolidated/compile/update.ts';
import { compileUpsert } from '../../src/consolidated/compile/upsert.ts';
import type { Condition } from '../../src/consolidated/filters/condition.ts';
import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import { refusal } from '../support/refusal.ts';
import { fixtureContext } from './fixture-catalog.ts';

const context = fixtureContext();
const select = (options: Record<string, unknown>) =>
  compileSelect(context, 'trips', options as SelectOptions);

function nested(depth: number): Condition {
  let condition: Condition = op.or({ id: null }, { title: 'x' });
  for (let level = 1; level < depth; level++) condition = op.or(condition, { title: 'x' });
  return condition;
}

describe('a select', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ filter: { id: 1 } }, /select has no option "filter".*Did you mean "filters"/],
    [{ key: undefined }, /'key' must be the name of a column/],
    [{ key: [] }, /'key' must be the name of a column/],
    [{ key: ['id', 7] }, /'key' must be the name of a column/],
    [{ key: 'titel' }, /"trips" has no column "titel".*Did you mean "title"/],
    [{ key: 'title' }, /'key' names "title", which several rows of "trips" may have in common/],
    [{ filters: { titel: 'x' } }, /"trips" has no column "titel".*Did you mean "title"/],
    [{ filters: undefined }, /The option 'filters' is undefined, which would match every row/],
    [{ filters: { title: undefined } }, /column "title" of "trips" is undefined/],
    [{ filters: { title: ['a'] } }, /is an array\. Use op\.in/],
    [{ filters: { tags: ['a'] } }, /op\.eq\(\[…\]\) for an equal array/],
    [{ filters: { title: { gt: 1 } } }, /is an object.*looks like an operator is not one/],
    [{ filters: { title: () => 'x' } }, /must not be a function/],
    [{ filters: { raw: 'x' } }, /Postgres cannot compare json/],
    [
      { filters: { seats: op.like('x') } },
      /op\.like works only on text.*column "seats" of "trips" is integer/,
    ],
    [{ filters: { title: op.is(true) } }, /op\.is works only on booleans/],
    [{ filters: { title: op.contains('x') } }, /op\.contains works only on arrays/],
    [{ filters: { title: op.rangeLt('x') } }, /op\.rangeLt works only on ranges/],
    [{ filters: { seats: op.textSearch('x') } }, /op\.textSearch works only on tsvector and text/],
    [{ filters: { seats: op.in([1, null]) } }, /must not contain null/],
    [
      { filters: { seats: op.in([1, 1.5]) } },
      /value 2 of op\.in on column "seats" of "trips" must be a whole number/,
    ],
    [{ filters: { mood: 'angry' } }, /column "mood" of "trips" must be one of 'sad', 'ok'/],
    [{ filters: { title: 'a\0b' } }, /U\+0000/],
    [{ filters: { title: op.like('\ud800') } }, /surrogate/],
    [{ filters: null }, /Filters must be an object.*Found null/],
    [{ filters: 'id = 1' }, /Found string/],
    [{ filters: new Map([['id', 1]]) }, /Filters must be an object/],
    [{ filters: [[{ id: 1 }]] }, /Found an array/],
    [{ filters: op.eq(1) }, /an operator without a column/],
    [{ filters: path('meta', 'a') }, /a path without \.where/],
    [{ filters: path('title', 'a').where('x') }, /works only on json and jsonb/],
    [{ filters: op.or({ id: null }, {}) }, /without conditions: it would match every row/],
    [{ filters: nested(33) }, /at most 32 levels/],
    [{ filters: Array.from({ length: 1001 }, () => ({ seats: 1 })) }, /at most 1000 conditions/],
    [{ columns: [] }, /'columns' must be an array of at least one/],
    [{ columns: 'id,title' }, /'columns' must be an array/],
    [{ columns: ['id', 'id'] }, /names "id" twice/],
    [{ columns: ['id', 'secret'] }, /no column "secret"/],
    [{ columns: [{ name: 'id' }] }, /must contain only column names and path/],
    [{ limit: -1 }, /'limit' must be a whole number of at least 0\. It was -1\./],
    [{ limit: 1.5 }, /'limit'/],
    [{ limit: '1' }, /'limit'.*It was of type string/],
    [{ offset: Number.NaN }, /'offset'/],
    [{ orderBy: 'id desc' }, /no column "id desc"/],
    [{ orderBy: { column: 'id', direction: 'DESC' } }, /'orderBy' must be/],
    [{ orderBy: { column: 'id', ascending: false } }, /'orderBy' must be/],
    [{ orderBy: ['id', 'id'] }, /names "id" twice/],
    [{ orderBy: 'raw' }, /cannot be ordered/],
    [{ after: { id: null } }, /'after' needs the option 'orderBy'/],
    [{ orderBy: ['seats', 'id'], after: { seats: 1 } }, /'after' has no "id"/],
    [{ orderBy: 'id', after: { id: null, seat: 1 } }, /"seat", which is not a column of "trips"/],
    [{ orderBy: 'seats', after: { seats: 1 } }, /unique order of the rows.*Add "id"/],
    [{ orderBy: path('meta', 'id'), after: { id: 'x' } }, /unique order of the rows/],
    [{ count: 'rough' }, /'count' must be one of exact, planned, estimated\. It was "rough"/],
  ])('is refused with %o', (options, message) => {
    expect(() => select(options)).toThrow(message);
    expect(() => select(options)).toThrow(refusal);
  });

  it('is allowed up to the limits', () => {
    expect(() => select({ filters: nested(32) })).not.toThrow();
    expect(() => select({ filters: Array.from({ length: 1000 }, () => ({ seats: 1 })) })).not.toThrow();
  });

  it('says which name is unknown, for the catalog to be read again', () => {
    expect(() => compileSelect(context, 'trip')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_RELATION',
        relation: 'public.trip',
        message: expect.stringContaining('Did you mean "trips"?'),
      }),
    );
    expect(() => select({ columns: ['x'] })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_COLUMN', relation: 'public.trips', field: 'x' }),
    );
    expect(() => compileCount(context, '__proto__')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_RELATION' }),
    );
  });
});

describe('a write', () => {
  const row = { title: 'x', seats: 1 };
  it.each<[string, () => unknown, RegExp]>([
    [
      'a generated column',
      () => compileInsert(context, 'trips', { ...row, words: 'x' }),
      /column "words" of "trips" is generated/,
    ],
    [
      'a generated identity',
      () => compileUpdate(context, 'counters', { id: 1 }, { all: true }),
      /column "id" of "counters" is generated/,
    ],
    [
      'an unknown column',
      () => compileInsert(context, 'trips', [row, { ...row, seat: 1 }]),
      /no column "seat"/,
    ],
    [
      'an own __proto__',
      () => compileInsert(context, 'trips', JSON.parse('{"__proto__": "x"}')),
      /no column "__proto__"/,
    ],
    [
      'rows that mix a default with a value',
      () => compileInsert(context, 'trips', [{ ...row, mood: 'ok' }, row]),
      /Row 2 of insert has no "mood"/,
    ],
    [
      'a row that is none',
      () => compileInsert(context, 'trips', [row, null]),
      /Row 2 of insert must be a plain object/,
    ],
    ['text as a row', () => compileInsert(context, 'trips', 'x'), /plain object/],
    [
      'an operator as a value',
      () => compileInsert(context, 'trips', { meta: op.eq(1) }),
      /operators, conditions and paths are for filters/,
    ],
    [
      'a value that does not fit',
      () => compileInsert(context, 'trips', { seats: 'many' }),
      /column "seats" of "trips" must be a whole number/,
    ],
    ['a vector of another size', () => compileInsert(context, 'trips', { embedding: [1] }), /3 dimensions/],
    ['a materialized view', () => compileInsert(context, 'frozen', { n: 1 }), /materialized view/],
    [
      'bare rows where all columns have defaults',
      () => compileInsert(context, 'counters', [{}, {}]),
      /one at a time/,
    ],
    [
      'another kind of returning',
      () => compileInsert(context, 'trips', row, { returning: 'id' as never }),
      /'returning' must be true, false/,
    ],
    ['a negative expectation', () => compileInsert(context, 'trips', row, { expect: -1 }), /'expect'/],
    [
      'an update of nothing',
      () => compileUpdate(context, 'trips', { title: undefined }, { all: true }),
      /must set at least one column/,
    ],
    [
      'an update without a filter',
      () => compileUpdate(context, 'trips', row),
      /at least one condition in 'filters', or all: true/,
    ],
    [
      'a delete with filters that hold nothing',
      () => compileDelete(context, 'trips', { filters: [{}, {}] }),
      /at least one condition/,
    ],
    [
      'a delete with undefined filters',
      () => compileDelete(context, 'trips', { filters: undefined }),
      /The option 'filters' is undefined/,
    ],
    [
      'a delete with all: "true"',
      () => compileDelete(context, 'trips', { all: 'true' as never }),
      /'all' must be true or false/,
    ],
    [
      'a delete of all that has filters',
      () => compileDelete(context, 'trips', { all: true, filters: { id: null } }),
      /either 'filters' or all/,
    ],
    [
      'a delete with a misspelt option',
      () => compileDelete(context, 'trips', { filter: {} } as never),
      /no option "filter"/,
    ],
    [
      'an upsert without its key',
      () => compileUpsert(context, 'trips', row),
      /upsert needs "id" in its rows/,
    ],
    [
      'an upsert by no unique key',
      () => compileUpsert(context, 'trips', row, { onConflict: 'title' }),
      /unique key of "trips"\. Its unique keys: \[id\], \[title, seats\]/,
    ],
    ['an upsert where there is no key', () => compileUpsert(context, 'counters', { n: 1 }), /no primary key/],
    [
      'an upsert that updates and ignores',
      () =>
        compileUpsert(context, 'trips', { id: null, ...row }, { ignoreDuplicates: true, update: ['title'] }),
      /cannot be used together/,
    ],
    [
      'an upsert that updates what is not given',
      () => compileUpsert(context, 'trips', { id: null, ...row }, { update: ['budget'] }),
      /"budget", which the rows do not set/,
    ],
  ])('is refused with %s', (_, run, message) => {
    expect(run).toThrow(message);
    expect(run).toThrow(refusal);
  });
});
