import type { JsonPath } from '../filters/path.ts';
import type { LargeNumbersMark } from './large-numbers.ts';
import type { ColumnOf, RowOf } from './relations.ts';

/** What `columns` may name: a column, or a place inside a json column. */
export type ColumnItem<Row> = ColumnOf<Row> | JsonPath<ColumnOf<Row>>;

/** What an item is called in the row: a column by its name, a path by its last step. */
export type PickedKey<Item> = Item extends JsonPath<string, unknown, infer Name> ? Name : Item & string;

/** What stands under that name; of a path it may be missing, which is null. */
export type PickedValue<S, Name, Item, Key> = Key extends Item & keyof RowOf<S, Name>
  ? RowOf<S, Name>[Key]
  : PathValue<S, Item, Key>;

type PathValue<S, Item, Key> =
  Item extends JsonPath<string, infer Value, infer Name, unknown>
    ? Key extends Name
      ? ReadNumber<S, Value> | null
      : never
    : never;

type ReadNumber<S, Value> = number extends Value
  ? [S] extends [LargeNumbersMark]
    ? Value | string
    : Value
  : Value;
