import type { SchemaShape } from '../consolidated/typed/schema-names.ts';
import type { Identity } from '../contract/identity.ts';
import type { RepositoryHandle } from './repository.ts';

/**
 * The handle that a module is made with: `db`, `db.as(…)`, `db.withToken(…)` or `tx`, of a `Database` that has the tables and
 * functions of `Needed`, and perhaps more. `S` is inferred from it. Any other handle does not compile, and the message names
 * what its schema lacks:
 *
 * - a table or a function;
 * - columns that the module reads, or whose type does not fit: so of a service with `largeNumbers: 'string'`;
 * - columns that every insert must name and that the module does not know.
 *
 * A schema without generated types has any table. There the service says what is missing.
 *
 * A module keeps it as `RepositoryHandle<Needed>`. The compiler takes a handle of any schema for that, because it does not compare
 * the types that generic methods depend on: this type is what checks.
 *
 * @example
 * ```ts
 * export function createTrips<S>(handle: ModuleHandle<S, TripsSchema>): Trips;
 * ```
 */
export type ModuleHandle<S, Needed extends SchemaShape> = RepositoryHandle<S> & Having<S, Needed>;

/** What acts as others: `db` and every handle that is no transaction. */
export interface Acting<S> {
  /** As `as` of the handle. */
  as(identity: Identity): RepositoryHandle<S>;
  /** As `outside` of the handle. */
  outside<Result>(fn: () => Result): Result;
}

/** The handle of a module that acts as several callers, of a `Database` like that of `ModuleHandle`. */
export type ActingHandle<S, Needed extends SchemaShape> = Acting<S> & Having<S, Needed>;

type Having<S, Needed extends SchemaShape> = [Lack<S, Needed>] extends [never]
  ? unknown
  : SchemaLacks<Lack<S, Needed>>;

/** No handle has this: the compiler names what is missing. */
interface SchemaLacks<What> {
  readonly theSchemaLacks: What;
}

type Lack<S, Needed extends SchemaShape> =
  IsUntyped<S> extends true
    ? never
    :
        | TableLack<PartOf<S, 'Tables'>, Needed['Tables']>
        | FunctionLack<PartOf<S, 'Functions'>, Needed['Functions']>;

type IsUntyped<S> = string extends keyof PartOf<S, 'Tables'> ? true : false;

type PartOf<Shape, Part> = Part extends keyof Shape ? Shape[Part] : never;

type TableLack<Tables, Needed> = {
  [Name in keyof Needed & string]: Name extends keyof Tables
    ? `${Name}.${ColumnLack<PartOf<Tables[Name], 'Row'>, PartOf<Needed[Name], 'Row'>> | Unwritten<PartOf<Tables[Name], 'Insert'>, PartOf<Needed[Name], 'Insert'>>}`
    : Name;
}[keyof Needed & string];

/** Columns that are missing, or hold what the module does not expect. */
type ColumnLack<Row, Needed> = {
  [Column in keyof Needed & string]: Column extends keyof Row
    ? Row[Column] extends Needed[Column]
      ? never
      : Column
    : Column;
}[keyof Needed & string];

/** Columns that an insert must name, and that the module does not know. */
type Unwritten<Insert, Known> = {
  [Column in keyof Insert & string]-?: Column extends keyof Known
    ? never
    : Record<never, never> extends Pick<Insert, Column>
      ? never
      : Column;
}[keyof Insert & string];

/** By name and arguments: what the generator says of the columns that a function returns leaves out that they may be null. */
type FunctionLack<Functions, Needed> = {
  [Name in keyof Needed & string]: Name extends keyof Functions
    ? PartOf<Needed[Name], 'Args'> extends PartOf<Functions[Name], 'Args'>
      ? never
      : `${Name}()`
    : `${Name}()`;
}[keyof Needed & string];
