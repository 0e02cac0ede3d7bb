import type { JsonPath } from '../filters/path.ts';
import type { ColumnOf } from './relations.ts';

/** What `columns` may name: a column, or a place inside a json column. */
export type ColumnItem<Row> = ColumnOf<Row> | JsonPath<ColumnOf<Row>>;

/** What an item is called in the row: a column by its name, a path by its last step. */
export type PickedKey<Item> = Item extends JsonPath<string, unknown, infer Name> ? Name : Item & string;

/** What stands under that name; of a path it may be missing, which is null. */
export type PickedValue<Row, Item, Key> = Key extends Item & keyof Row ? Row[Key] : PathValue<Item, Key>;

type PathValue<Item, Key> =
  Item extends JsonPath<string, infer Value, infer Name> ? (Key extends Name ? Value | null : never) : never;
