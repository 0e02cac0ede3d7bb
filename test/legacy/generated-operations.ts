import * as fc from 'fast-check';
import { json, op } from '../../src/index.ts';
import { storableText } from '../injection/hostile-texts.ts';
import type { AnyOperations } from './two-sides.ts';

/** Columns of the types that requests filter by. */
export const THINGS = `
  create table things (
    id int primary key, t text, u text unique, n int, x numeric, f float8, b boolean, ts text[], ns int[], jb jsonb,
    tz timestamptz, d date, r int4range, tv tsvector generated always as (to_tsvector('simple', coalesce(t, ''))) stored,
    "order" text default 'by default', check (n > -1000));
  grant select, insert, update, delete on things to authenticated;`;

export const ROWS = `
  truncate things;
  insert into things (id, t, u, n, x, f, b, ts, ns, jb, tz, d, r, "order") values
    (1, 'a,b', 'one', 1, 1.50, 0.1, true, '{a,"b,c",NULL}', '{1,2}', '{"a": [1, null], "b": {"c": "d"}}', '2027-01-02 03:04:05.678901+00', '2027-01-02', '[1,5)', 'x'),
    (2, 'null', 'two', -5, -0.001, 'NaN', false, '{}', '{}', '"text"', 'infinity', '0044-03-15 BC', 'empty', ''),
    (3, '', 'three', 0, 1e20, '-Infinity', null, '{"NULL","{x}"}', '{NULL}', 'null', '1999-12-31 23:59:59+00', null, '(,9)', 'y'),
    (4, null, null, null, null, null, null, null, null, null, null, null, null, null),
    (5, 'say "hi" \\ (to) 100%_*', 'five', 7, 0, 5e-324, true, '{"say \\"hi\\" \\\\"}', '{7}', '[1, "x", {"y": 2.50}]', '2027-06-01 00:00:00+00', '2027-06-01', '[7,8)', 'z');`;

const short = storableText.filter((text) => text.length < 200);
const text = fc.oneof(fc.constantFrom('a,b', 'null', '', 'say "hi" \\ (to) 100%_*', 'one'), short);
const whole = fc.oneof(fc.integer({ min: -10, max: 10 }), fc.constantFrom(2 ** 31, 7n));
const number = fc.oneof(whole, fc.constantFrom(1.5, -0.001, 1e20, '1.50', 'NaN'));
const time = fc.constantFrom(new Date('2027-06-01'), '2027-01-02T03:04:05.678901Z', 'infinity', '1999-12-31');
const texts = fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 3 });
const document = fc.oneof(
  fc.dictionary(fc.constantFrom('a', 'b', 'c"d'), fc.oneof(text, fc.constantFrom(1, null, true))),
  fc.constantFrom('text', 2, true).map(json),
  fc.array(fc.oneof(text, fc.constant(1)), { maxLength: 2 }).map(json),
);

const compared = (of: fc.Arbitrary<unknown>) =>
  fc.oneof(
    of,
    fc
      .tuple(fc.constantFrom(op.eq, op.neq, op.gt, op.gte, op.lt, op.lte, op.isDistinct), of)
      .map(([make, value]) => make(value)),
    fc.array(of, { maxLength: 3 }).map(op.in),
    fc.constantFrom(null, op.is(null), op.isDistinct(null)),
  );
const pattern = fc.oneof(
  fc.constantFrom('%', '_*', 'a%', '%*%', '\\%', '%\\', 'A,B', '*'),
  fc.tuple(text, fc.constantFrom('', '%', '_', '*')).map((parts) => parts.join('')),
);

/** A filter object with one condition. */
const condition: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  compared(text).map((filter) => ({ t: filter })),
  compared(text).map((filter) => ({ order: filter })),
  fc.tuple(fc.constantFrom(op.like, op.ilike), pattern).map(([make, value]) => ({ t: make(value) })),
  fc
    .tuple(fc.constantFrom(op.match, op.imatch), fc.oneof(pattern, text))
    .map(([make, value]) => ({ t: make(value) })),
  fc
    .tuple(text, fc.constantFrom('plain' as const, 'phrase' as const, 'websearch' as const, undefined))
    .map(([query, type]) => ({ tv: op.textSearch(query, type === undefined ? {} : { type }) })),
  text.map((query) => ({ t: op.textSearch(query, { type: 'plain', config: 'english' }) })),
  compared(whole).map((filter) => ({ n: filter })),
  compared(number).map((filter) => ({ x: filter })),
  compared(number).map((filter) => ({ f: filter })),
  compared(time).map((filter) => ({ tz: filter })),
  compared(time).map((filter) => ({ d: filter })),
  fc
    .constantFrom(true, false, op.is(true), op.is(false), op.not(op.is(true)))
    .map((filter) => ({ b: filter })),
  fc
    .tuple(fc.constantFrom(op.eq, op.contains, op.containedBy, op.overlaps), texts)
    .map(([make, value]) => ({ ts: make(value) })),
  fc.array(texts, { minLength: 1, maxLength: 2 }).map((lists) => ({ ts: op.in(lists) })),
  fc
    .tuple(fc.constantFrom(op.contains, op.containedBy), document)
    .map(([make, value]) => ({ jb: make(value) })),
  document.map((value) => ({ jb: op.eq(value) })),
  fc
    .tuple(
      fc.constantFrom(
        op.contains,
        op.overlaps,
        op.rangeGt,
        op.rangeGte,
        op.rangeLt,
        op.rangeLte,
        op.rangeAdjacent,
      ),
      fc.constantFrom('[1,5)', '(,9)', 'empty', '[5,6]', 'no range'),
    )
    .map(([make, range]) => ({ r: make(range) })),
);

const { filters } = fc.letrec<{ tree: unknown; filters: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((parts) => op.or(...(parts as never[]))),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((parts) => op.and(...(parts as never[]))),
    tie('tree').map((part) => op.not(op.or(part as never))),
  ),
  filters: fc.oneof(
    fc.array(condition, { minLength: 1, maxLength: 3 }).map((all) => Object.assign({}, ...all) as unknown),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}));

const orderTerm = fc
  .tuple(
    fc.constantFrom('t', 'n', 'x', 'tz', 'order', 'b'),
    fc.constantFrom(undefined, 'asc' as const, 'desc' as const),
    fc.constantFrom(undefined, 'first' as const, 'last' as const),
  )
  .map(([column, direction, nulls]) => ({
    column,
    ...(direction !== undefined && { direction }),
    ...(nulls !== undefined && { nulls }),
  }));
const columns = fc.subarray(
  ['id', 't', 'n', 'x', 'f', 'b', 'ts', 'ns', 'jb', 'tz', 'd', 'r', 'tv', 'order'],
  {
    minLength: 1,
  },
);

/** What a row sets. */
const fitting = {
  t: fc.oneof(text, fc.constant(null)),
  u: fc.constantFrom('one', 'two', 'six'),
  n: fc.constantFrom(-10, 0, 7n, null, -2000),
  x: number,
  f: fc.oneof(number, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
  b: fc.constantFrom(true, false, null),
  ts: texts,
  ns: fc.constantFrom([1, null], [], [2n]),
  jb: document,
  tz: time,
  d: fc.constantFrom(new Date('2027-06-01T23:00:00Z'), '2027-02-28', null),
  r: fc.constantFrom('[1,2)', 'empty'),
  order: text,
};
/**
 * All of it fits: of an update that finds no row, Postgres need not read the values, and of several rows with several faults it is
 * told of the first.
 */
const change = fc.record(fitting, { requiredKeys: [] });
const values = fc.record(
  {
    ...fitting,
    n: fc.oneof(whole, fc.constantFrom('many', -2000)),
    tz: fc.oneof(time, fc.constant('no time')),
    d: fc.constantFrom('2027-02-28', '2027-02-30'),
    r: fc.constantFrom('[1,2)', 'no range'),
  },
  { requiredKeys: [] },
);
const withId = (set: fc.Arbitrary<Readonly<Record<string, unknown>>>) =>
  fc.tuple(set, fc.constantFrom(1, 6, 7)).map(([given, id]) => ({ ...given, id }));
const row = withId(values);
const fittingRow = withId(change);
const returning = fc.constantFrom(true, false, ['id', 'order'] as const);

export interface GeneratedOperation {
  readonly name: string;
  readonly given: readonly unknown[];
  run(side: AnyOperations): Promise<unknown>;
}

function call(name: keyof AnyOperations, ...given: readonly unknown[]): GeneratedOperation {
  return {
    name,
    given,
    // The types of the arguments are those of each method; here all of them are drawn.
    run: (side) => (side[name] as (...args: readonly unknown[]) => Promise<unknown>)('things', ...given),
  };
}

export const reads: fc.Arbitrary<GeneratedOperation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        filters,
        columns,
        fc.array(orderTerm, { maxLength: 2 }),
        fc.boolean(),
        fc.nat(3),
        fc.nat(6),
        fc.boolean(),
      )
      .map(([where, list, order, counts, limit, offset, pages]) => {
        const names = new Set<string>();
        const orderBy = [...order.filter(({ column }) => !names.has(column) && names.add(column)), 'id'];
        return call('select', {
          filters: where,
          columns: list,
          orderBy,
          ...(counts && { count: 'exact' }),
          ...(pages && { limit, offset }),
        });
      }),
  },
  filters.map((where) => call('count', { filters: where })),
  fc
    .tuple(fc.constantFrom('selectOne' as const, 'selectMaybe' as const), filters)
    .map(([name, where]) => call(name, { filters: where })),
);

export const writes: fc.Arbitrary<GeneratedOperation> = fc.oneof(
  fc.tuple(row, returning).map(([given, chosen]) => call('insert', given, { returning: chosen })),
  // A column that only some rows have is refused by one side where it has a default; see docs/migrating.md.
  fc.tuple(fittingRow, fittingRow, returning).map(([one, other, chosen]) =>
    call(
      'insert',
      [
        { ...other, ...one, order: 'o' },
        { ...one, ...other, id: 8, u: 'eight', order: 'o' },
      ],
      { returning: chosen },
    ),
  ),
  fc
    .tuple(change, filters, returning)
    .map(([set, where, chosen]) => call('update', set, { filters: where, returning: chosen })),
  fc
    .tuple(filters, returning)
    .map(([where, chosen]) => call('delete', { filters: where, returning: chosen })),
  fc
    .tuple(row, returning, fc.boolean())
    .map(([given, chosen, ignoreDuplicates]) =>
      call('upsert', given, { returning: chosen, ignoreDuplicates }),
    ),
  fc
    .tuple(row, fc.boolean())
    .map(([given, ignoreDuplicates]) =>
      call('upsert', { u: 'one', ...given }, { onConflict: 'u', ignoreDuplicates }),
    ),
);
