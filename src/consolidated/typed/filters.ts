import type { Condition } from '../filters/condition.ts';
import type { Operator } from '../filters/operator.ts';

/**
 * What a column may be compared with: a value of its type, for equality; `null` where the column can be
 * null, for IS NULL; an operator for anything else. An array means nothing by itself: say `op.in` for one
 * of several values, `op.eq` or `op.contains` for an array column.
 */
type FilterValue<Value> = unknown extends Value ? Opaque : PlainValue<Value> | Operator<Value>;

/**
 * For columns that the generator types as `unknown`, such as ranges: anything but `undefined`. It is not
 * `unknown` itself, in which the other members of a union of contextual types would vanish, and with them
 * the check of conditions in a list.
 */
type Opaque = NonNullable<unknown> | null;

type PlainValue<Value> = Value extends readonly unknown[] ? never : Value;

/** Rows of which no column is known take any value. */
type Untyped<Row> = string extends keyof Row ? unknown : never;

/** Conditions by column, all of which must hold. */
export type FilterObject<Row> = {
  readonly [Column in keyof Row]?: FilterValue<Row[Column]> | Untyped<Row>;
};

/**
 * The array form of `filters`. It is spelled out because the compiler then reports a wrong column or value
 * of the object form at its own place, which it does not do beside an array type.
 */
interface FilterList<Row> {
  readonly [index: number]: FilterObject<Row> | Condition<FilterObject<Row>>;
  readonly length: number;
}

/**
 * Which rows: an object of conditions by column, or several of them and of conditions across columns, all
 * of which must hold.
 *
 * @example
 * ```ts
 * { status: 'planned', seats: op.gte(2), archived_at: null }
 * [{ user_id: id }, op.or({ status: 'planned' }, { seats: op.gt(4) }), path('meta', 'from').where('LIS')]
 * ```
 */
export type Filters<Row> = FilterObject<Row> | FilterList<Row>;
