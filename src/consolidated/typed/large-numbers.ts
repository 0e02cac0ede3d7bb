import type { DatabaseShape } from './schema-names.ts';

declare const largeNumbersAsText: unique symbol;

/** A schema whose large numbers are read as text; does not exist at run time. */
export interface LargeNumbersMark {
  readonly [largeNumbersAsText]: true;
}

/**
 * A `Database` as a service with `largeNumbers: 'string'` reads it. The generated types have `number` for bigint and
 * numeric, which are text then, and for integers and floats, which are not, so each becomes `number | string`. Columns that
 * `Overrides` names keep the type that it gives: `string` for a bigint, `number` for an integer.
 *
 * `createDatabaseService` applies it by itself. Name it where a type is written out.
 *
 * @example
 * ```ts
 * const db = createDatabaseService<Database>({ embedded: true, largeNumbers: 'string' });
 * async function total(db: Querying<LargeNumbersAsText<Database>['public']>) { … }
 * ```
 */
export type LargeNumbersAsText<DB extends DatabaseShape<DB>> = {
  [Schema in keyof DB]: Schema extends '__InternalSupabase'
    ? DB[Schema]
    : SchemaAsText<DB[Schema]> & LargeNumbersMark;
};

type SchemaAsText<Schema> = {
  [Kind in keyof Schema]: Kind extends 'Tables' | 'Views'
    ? { [Name in keyof Schema[Kind]]: RelationAsText<Schema[Kind][Name]> }
    : Kind extends 'Functions'
      ? { [Name in keyof Schema[Kind]]: FunctionAsText<Schema[Kind][Name]> }
      : Schema[Kind];
};

type OverriddenIn<Shape> = Shape extends { Overridden: infer Names } ? Names : never;

type RelationAsText<Relation> = {
  [Shape in keyof Relation]: Shape extends 'Row' | 'Insert' | 'Update'
    ? ColumnsAsText<Relation[Shape], OverriddenIn<Relation>>
    : Relation[Shape];
};

type ColumnsAsText<Row, Exact> = {
  [Column in keyof Row]: Column extends Exact ? Row[Column] : AsText<Row[Column]>;
};

type FunctionAsText<Signature> = {
  [Part in keyof Signature]: Part extends 'Args' | 'Returns'
    ? Part extends OverriddenIn<Signature>
      ? Signature[Part]
      : AsText<Signature[Part]>
    : Signature[Part];
};

/** Of json nothing changes: its numbers stay numbers. */
type AsText<Value> = unknown extends Value
  ? Value
  : [string | number | never[]] extends [Value]
    ? Value
    : number extends Value
      ? Value | string
      : PartsAsText<Value>;

type PartsAsText<Value> = Value extends readonly (infer Element)[]
  ? AsText<Element>[]
  : Value extends { error: true }
    ? Value
    : Value extends object
      ? { [Name in keyof Value]: AsText<Value[Name]> }
      : Value;
