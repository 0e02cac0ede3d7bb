import type { Condition } from '../filters/condition.ts';
import type { Operator } from '../filters/operator.ts';
import type { Accepted, Comparable } from '../values/accepted.ts';

/**
 * What a column can be compared with: a value of its type, for equality; `null` if the column can be
 * null, for IS NULL; an operator for anything else. A plain array is not allowed: use `op.in` for one
 * of several values, `op.eq` or `op.contains` for an array column.
 */
type FilterValue<Value> = unknown extends Value ? Opaque : Comparable<Value> | Operator<Accepted<Value>>;

/**
 * For columns that the generator types as `unknown`, such as ranges: anything but `undefined`. It is not
 * `unknown`, because a union with `unknown` loses its other members, and with them
 * the check of conditions in a list.
 */
type Opaque = NonNullable<unknown> | null;

/** Rows without known columns accept any value. */
type Untyped<Row> = string extends keyof Row ? unknown : never;

/** Conditions by column, all of which must match. */
export type FilterObject<Row> = {
  readonly [Column in keyof Row]?: FilterValue<Row[Column]> | Untyped<Row>;
};

/**
 * The array form of `filters`. It is written this way because the compiler then reports a wrong column or value
 * of the object form in the right place, which it does not do with an array type.
 */
interface FilterList<Row> {
  readonly [index: number]: FilterObject<Row> | Condition<FilterObject<Row>>;
  readonly length: number;
}

/**
 * Which rows: an object of conditions by column, or a list of such objects and of conditions across columns, all
 * of which must match.
 *
 * @example
 * ```ts
 * { status: 'planned', seats: op.gte(2), archived_at: null }
 * [{ user_id: id }, op.or({ status: 'planned' }, { seats: op.gt(4) }), path('meta', 'from').where('LIS')]
 * ```
 */
export type Filters<Row> = FilterObject<Row> | FilterList<Row>;
