import type { SchemaName } from './schema-names.ts';

/**
 * A `Database` with columns, arguments and results of more exact types than the generator can know: shapes of json,
 * branded ids, vectors. It stands beside the generated file, so it stays when that is made anew.
 *
 * `Changes` names schemas, `Tables` and `Views` by column, and `Functions` by `Args` and `Returns`. A name that the
 * `Database` does not have does not compile. A column's type is that of its rows, writes and filters; null stays where the
 * column may be null. `ReadWrite` gives it one type in rows and filters, and another one in writes.
 *
 * The compiler believes these types, as it believes the generated ones: nothing checks the rows against them.
 *
 * @example
 * ```ts
 * type TripId = string & { readonly of: 'trip' };
 * type AppDatabase = Overrides<Database, {
 *   public: {
 *     Tables: {
 *       trips: { id: TripId; metadata: { stops: { city: string }[] } };
 *       destinations: { embedding: ReadWrite<string, readonly number[]> };
 *     };
 *     Functions: { clone_trip: { Args: { trip_id: TripId }; Returns: TripId } };
 *   };
 * }>;
 * const db = createDatabaseService<AppDatabase>({ transaction: process.env.CDB_TRANSACTION_URL });
 * ```
 */
export type Overrides<DB, Changes extends KnownNames<DB, Changes>> = {
  [Schema in keyof DB]: Schema extends keyof Changes
    ? OverriddenSchema<DB[Schema], Changes[Schema]>
    : DB[Schema];
};

declare const readWrite: unique symbol;

/** In `Overrides`: a column that is read and compared as one type, and written as another one. */
export interface ReadWrite<Read, Write> {
  readonly [readWrite]: { readonly read: Read; readonly write: Write };
}

type ReadOf<Change> = Change extends ReadWrite<infer Read, unknown> ? Read : Change;
type WriteOf<Change> = Change extends ReadWrite<unknown, infer Write> ? Write : Change;

/** Null stays: whether a column may be null is for the database to say. */
type OrNull<Generated, Type> = null extends Generated ? Type | null : Type;

type OverriddenSchema<Schema, Changes> = {
  [Kind in keyof Schema]: Kind extends keyof Changes
    ? Kind extends 'Functions'
      ? OverriddenFunctions<Schema[Kind], Changes[Kind]>
      : OverriddenRelations<Schema[Kind], Changes[Kind]>
    : Schema[Kind];
};

type OverriddenRelations<Relations, Changes> = {
  [Name in keyof Relations]: Name extends keyof Changes
    ? OverriddenRelation<Relations[Name], Changes[Name]>
    : Relations[Name];
};

/** `Overridden` tells other types which columns are exact already. */
type OverriddenRelation<Relation, Changes> = {
  [Shape in keyof Relation]: Shape extends 'Row'
    ? OverriddenRow<Relation[Shape], Changes>
    : Shape extends 'Insert' | 'Update'
      ? OverriddenWrite<Relation[Shape], Changes>
      : Relation[Shape];
} & { Overridden: keyof Changes };

type OverriddenRow<Row, Changes> = {
  [Column in keyof Row]: Column extends keyof Changes
    ? OrNull<Row[Column], ReadOf<Changes[Column]>>
    : Row[Column];
};

type OverriddenWrite<Row, Changes> = {
  [Column in keyof Row]: Column extends keyof Changes
    ? OrNull<Row[Column], WriteOf<Changes[Column]>>
    : Row[Column];
};

type OverriddenFunctions<Functions, Changes> = {
  [Name in keyof Functions]: Name extends keyof Changes
    ? OverriddenFunction<Functions[Name], Changes[Name]>
    : Functions[Name];
};

type OverriddenFunction<Signature, Changes> = {
  [Part in keyof Signature]: Part extends keyof Changes
    ? Part extends 'Args'
      ? OverriddenWrite<Signature[Part], Changes[Part]>
      : Changes[Part]
    : Signature[Part];
} & { Overridden: keyof Changes };

/** `Changes` itself if it names only what the `Database` has: a wrong name is `never`, which the compiler reports. */
type KnownNames<DB, Changes> = {
  [Schema in keyof Changes]: Schema extends SchemaName<DB> ? KnownKinds<DB[Schema], Changes[Schema]> : never;
};

type KnownKinds<Schema, Changes> = {
  [Kind in keyof Changes]: Kind extends 'Functions'
    ? Kind extends keyof Schema
      ? KnownFunctions<Schema[Kind], Changes[Kind]>
      : never
    : Kind extends keyof Schema & ('Tables' | 'Views')
      ? KnownColumns<Schema[Kind], Changes[Kind]>
      : never;
};

type KnownColumns<Relations, Changes> = {
  [Name in keyof Changes]: Name extends keyof Relations
    ? Relations[Name] extends { Row: infer Row }
      ? { [Column in keyof Changes[Name]]: Column extends keyof Row ? unknown : never }
      : never
    : never;
};

type KnownFunctions<Functions, Changes> = {
  [Name in keyof Changes]: Name extends keyof Functions
    ? {
        [Part in keyof Changes[Name]]: Part extends 'Args'
          ? { [Arg in keyof Changes[Name][Part]]: Arg extends ArgsOf<Functions[Name]> ? unknown : never }
          : Part extends 'Returns'
            ? unknown
            : never;
      }
    : never;
};

/** The argument names of all signatures. */
type ArgsOf<Signature> = Signature extends { Args: infer Args } ? keyof Args : never;
