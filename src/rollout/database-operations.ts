import type { CallOptions } from '../consolidated/typed/call-options.ts';
import type { Filters } from '../consolidated/typed/filters.ts';
import type {
  FunctionOf,
  FunctionsOf,
  NoArguments,
  RpcParameters,
  RpcReturns,
} from '../consolidated/typed/functions.ts';
import type { PickedKey, PickedValue } from '../consolidated/typed/picked-columns.ts';
import type { Selected } from '../consolidated/typed/read-options.ts';
import type {
  ColumnOf,
  InsertOf,
  Names,
  RowOf,
  UpdateOf,
  VectorColumnOf,
} from '../consolidated/typed/relations.ts';
import type { QueryVector } from '../consolidated/typed/vector-search-clauses.ts';
import type {
  ChangedRows,
  InsertedRows,
  OneOrMany,
  Returning,
  UpsertedRows,
} from '../consolidated/typed/write-options.ts';
import type { AnonymousIdentity, ServiceIdentity } from '../contract/identity.ts';

/** Limits of one call. `undefined` means absent, so they can be passed on. */
export type OperationLimits = Pick<CallOptions, 'timeoutMs' | 'signal'>;

/** Limits of a read. */
interface ReadLimits extends OperationLimits {
  /** Not available: a legacy service keeps no answers that the writes of the other side outdate. */
  readonly cache?: false | undefined;
}

/** Which rows, of which columns. Neither can be `undefined`: a missing filter must not mean all rows. */
interface OperationRows<Row, Column extends ColumnOf<Row>> {
  /** @defaultValue all columns */
  readonly columns?: readonly Column[];
  /** @defaultValue all rows that the caller may see */
  readonly filters?: Filters<Row>;
}

/** One column to order by. */
interface OrderColumn<Row> {
  readonly column: ColumnOf<Row>;
  /** @defaultValue 'asc' */
  readonly direction?: 'asc' | 'desc';
  /** @defaultValue 'last' for ascending, 'first' for descending, as in Postgres */
  readonly nulls?: 'first' | 'last';
}

/** A column, a term, or several of them, the first deciding. */
export type OperationOrder<Row> =
  | ColumnOf<Row>
  | OrderColumn<Row>
  | readonly (ColumnOf<Row> | OrderColumn<Row>)[];

/** Options of `select`. */
export interface SelectOperation<Row, Column extends ColumnOf<Row>, Count extends 'exact'>
  extends OperationRows<Row, Column>,
    ReadLimits {
  /** @defaultValue no order */
  readonly orderBy?: OperationOrder<Row> | undefined;
  /** Maximum number of rows, a whole number from 0. @defaultValue as many as the side gives at most */
  readonly limit?: number | undefined;
  /** Rows to skip, a whole number from 0. */
  readonly offset?: number | undefined;
  /** Adds the number of rows that match `filters`, whatever the page. */
  readonly count?: Count;
}

/** Options of `selectOne` and `selectMaybe`. */
export interface SingleOperation<Row, Column extends ColumnOf<Row>>
  extends OperationRows<Row, Column>,
    ReadLimits {}

/** Options of `count`. */
export interface CountOperation<Row> extends ReadLimits {
  /** @defaultValue all rows that the caller may see */
  readonly filters?: Filters<Row>;
}

/** Options of `insert`. */
export interface WriteOperation<Chosen> extends OperationLimits {
  /** What to return of the written rows: `true` for whole rows, some columns, `false` for their number. @defaultValue true */
  readonly returning?: Chosen;
}

/** Options of `upsert`. */
export interface UpsertOperation<Row, Chosen, Ignore extends boolean> extends WriteOperation<Chosen> {
  /** The column or columns of the unique key that identifies existing rows. @defaultValue the primary key */
  readonly onConflict?: ColumnOf<Row> | readonly ColumnOf<Row>[];
  /** Leaves existing rows unchanged, and does not return them. @defaultValue false */
  readonly ignoreDuplicates?: Ignore;
}

/** Options of `update` and `delete`: `filters`, or `all: true`. Without both it is a `UsageError`. */
export type ChangeOperation<Row, Chosen> = WriteOperation<Chosen> &
  (
    | { readonly filters: Filters<Row>; readonly all?: never }
    | { readonly all: true; readonly filters?: never }
  );

/** Options of `vectorSearch`. */
export interface SearchOperation<Row, Column extends ColumnOf<Row>>
  extends OperationRows<Row, Column>,
    ReadLimits {
  readonly vector: QueryVector;
  /** The column of the vectors. @defaultValue the only one of the table */
  readonly column?: VectorColumnOf<Row>;
  /** Maximum number of rows. @defaultValue 10 */
  readonly limit?: number | undefined;
  /** Leaves out rows whose cosine similarity is less. */
  readonly similarityThreshold?: number | undefined;
}

/**
 * What a legacy database service and this one both do, with the same values and the same classes of errors: reads and
 * writes of rows, counts, functions and vector searches. A handle of this service is one as it is, and so is what
 * `createRollout` returns. For a legacy service, write a class that has these methods.
 *
 * What only one of them can promise is not here: transactions, batches, `expect`, `unchanged`, raw SQL and cached reads are
 * used on the service itself.
 *
 * `S` is one schema of the `Database` generic. Errors: as those of the service's methods of the same names. Values: as the
 * generated types have them, timestamps as ISO 8601 text, int8 and numeric as numbers.
 *
 * @example
 * ```ts
 * async function openTrips(db: DatabaseOperations<Database['public']>, userId: string) {
 *   return db.select('trips', { filters: { owner_id: userId, status: 'planning' }, orderBy: 'id' });
 * }
 * ```
 */
export interface DatabaseOperations<S> {
  /** The same operations as the owner of a token, which both sides verify. It returns immediately. */
  withToken(jwt: string): DatabaseOperations<S>;

  /** The same operations as `anonymous()` or `service()`. A user acts by a token, which is all that a legacy service takes. */
  as(identity: AnonymousIdentity | ServiceIdentity): DatabaseOperations<S>;

  /** Rows of a table or view that the caller may see; with `count` it is `{ rows, count }`. */
  select<
    Name extends Names<S>['readable'],
    Column extends ColumnOf<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    Count extends 'exact' = never,
  >(
    table: Name,
    options?: SelectOperation<RowOf<S, Name>, Column, Count>,
  ): Promise<Selected<S, Name, Column, Count>>;

  /** The one row that matches. None is a `NotFoundError`, several are a `UsageError`. */
  selectOne<
    Name extends Names<S>['readable'],
    Column extends ColumnOf<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
  >(
    table: Name,
    options?: SingleOperation<RowOf<S, Name>, Column>,
  ): Promise<{ [Key in PickedKey<Column>]: PickedValue<S, Name, Column, Key> }>;

  /** The one row that matches, or `undefined`. Several are a `UsageError`. */
  selectMaybe<
    Name extends Names<S>['readable'],
    Column extends ColumnOf<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
  >(
    table: Name,
    options?: SingleOperation<RowOf<S, Name>, Column>,
  ): Promise<{ [Key in PickedKey<Column>]: PickedValue<S, Name, Column, Key> } | undefined>;

  /** The number of rows that the caller may see, exactly. */
  count<Name extends Names<S>['readable']>(
    table: Name,
    options?: CountOperation<RowOf<S, Name>>,
  ): Promise<number>;

  /** Inserts a row, or rows in one statement, and returns what was written: a row for a row, rows for rows. */
  insert<Name extends Names<S>['insertable'], Given, const Chosen extends Returning<RowOf<S, Name>> = true>(
    table: Name,
    row: OneOrMany<Given, InsertOf<S, Name>>,
    options?: WriteOperation<Chosen>,
  ): Promise<InsertedRows<RowOf<S, Name>, Chosen, Given>>;

  /** Changes the rows that match and returns them. Rows that the caller may not change are skipped. */
  update<Name extends Names<S>['updatable'], const Chosen extends Returning<RowOf<S, Name>> = true>(
    table: Name,
    set: UpdateOf<S, Name>,
    options: ChangeOperation<RowOf<S, Name>, Chosen>,
  ): Promise<ChangedRows<RowOf<S, Name>, Chosen>>;

  /** Deletes the rows that match and returns them. Rows that the caller may not delete are skipped. */
  delete<Name extends Names<S>['updatable'], const Chosen extends Returning<RowOf<S, Name>> = true>(
    table: Name,
    options: ChangeOperation<RowOf<S, Name>, Chosen>,
  ): Promise<ChangedRows<RowOf<S, Name>, Chosen>>;

  /** Inserts new rows and overwrites existing ones with all given columns, by a unique key. */
  upsert<
    Name extends Names<S>['insertable'],
    Given,
    const Chosen extends Returning<RowOf<S, Name>> = true,
    Ignore extends boolean = false,
  >(
    table: Name,
    row: OneOrMany<Given, InsertOf<S, Name>>,
    options?: UpsertOperation<RowOf<S, Name>, Chosen, Ignore>,
  ): Promise<UpsertedRows<RowOf<S, Name>, Chosen, Given, Ignore>>;

  /** Calls a function with arguments by name and returns its result. */
  rpc<Name extends keyof FunctionsOf<S> & string, Given = NoArguments>(
    name: Name,
    ...rest: RpcParameters<FunctionOf<S, Name>, Given, OperationLimits>
  ): Promise<RpcReturns<FunctionOf<S, Name>, Given>>;

  /** Rows nearest to a vector by cosine distance, nearest first, each with its `similarity`. */
  vectorSearch<
    Name extends Names<S>['readable'],
    Column extends ColumnOf<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
  >(
    table: Name,
    options: SearchOperation<RowOf<S, Name>, Column>,
  ): Promise<
    {
      [Key in PickedKey<Column> | 'similarity']: Key extends 'similarity'
        ? number
        : PickedValue<S, Name, Column, Key>;
    }[]
  >;
}
