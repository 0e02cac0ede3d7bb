import type { BuiltStatement } from './built-statement.ts';
import type { CachedReadOption, CacheOption, Recalled } from './cache-options.ts';
import type { CallOptions } from './call-options.ts';
import type { DeclaredWrites } from './declared-writes.ts';
import type { FunctionOf, FunctionsOf, NoArguments, RpcParameters, RpcReturns } from './functions.ts';
import type { HybridSearchClauses } from './hybrid-search-clauses.ts';
import type { IdempotencyOption } from './idempotency-option.ts';
import type { ColumnItem, PickedKey, PickedValue } from './picked-columns.ts';
import type { CountClauses, CountMethod, SelectClauses, Selected } from './read-options.ts';
import type { InsertOf, Names, RowOf, UpdateOf } from './relations.ts';
import type { QueryVector, Searched, SearchedOnce, VectorSearchClauses } from './vector-search-clauses.ts';
import type {
  ChangeClauses,
  ChangedRows,
  InsertedRows,
  OneOrMany,
  Returning,
  UpsertClauses,
  UpsertedRows,
  WriteClauses,
} from './write-options.ts';

/** What a method returns: a promise where the statement is sent, the statement where it is built. */
interface Answers<Result> {
  sent: Promise<Result>;
  built: BuiltStatement<Result>;
}

/** Options of a read besides its clauses. A built one gets them from the call that sends it. */
interface ReadLimits<Cache extends CacheOption> {
  sent: CallOptions & CachedReadOption<Cache>;
  built: Record<never, never>;
}

/** Options of a call of a function besides its arguments. */
interface RpcLimits<Cache extends CacheOption> {
  sent: CallOptions & CachedReadOption<Cache> & IdempotencyOption & DeclaredWrites;
  built: DeclaredWrites;
}

/** Options of a write besides its clauses. A built one gets them from the call that sends it. */
interface WriteLimits {
  sent: CallOptions & IdempotencyOption;
  built: Record<never, never>;
}

/**
 * The statements that the service compiles: `sent` ones return a promise, `built` ones return a
 * statement for `batch` and `explain`, which gets its limits from the call that sends it.
 *
 * `S` is one schema of the `Database` generic.
 *
 * Errors of all of them: `UsageError` for an unknown name or option, `ValidationError` for an invalid value;
 * `AuthenticationError` without an identity or with an expired one; `AuthorizationError` if a grant is missing or
 * a policy refuses; `TimeoutError`, `OverloadedError` and `ConnectionError` if the database cannot be
 * reached in time; `OutcomeUnknownError` for a write whose answer was lost.
 */
export interface Statements<S, How extends keyof Answers<unknown>> {
  /**
   * Rows of a table or view that the identity may see.
   *
   * With `count` the result is `{ rows, count }`. More rows than the service's `maxRows` are an error; use
   * `limit`, paging or `stream`.
   *
   * @example
   * ```ts
   * const trips = await db.select('trips', {
   *   columns: ['id', 'title'],
   *   filters: { status: 'planned', seats: op.gte(2) },
   *   orderBy: [{ column: 'created_at', direction: 'desc' }, 'id'],
   *   limit: 20,
   * });
   * const page = await db.select('trips', { limit: 20, count: 'exact' }); // { rows, count }
   * ```
   */
  select<
    Name extends Names<S>['readable'],
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    Count extends CountMethod = never,
    const Cache extends CacheOption = undefined,
  >(
    table: Name,
    options?: SelectClauses<RowOf<S, Name>, Item, Count> & ReadLimits<Cache>[How],
  ): Answers<Recalled<Selected<S, Name, Item, Count>, Cache>>[How];

  /**
   * The number of rows that the identity may see.
   *
   * @example
   * ```ts
   * const planned = await db.count('trips', { filters: { status: 'planned' } });
   * ```
   */
  count<Name extends Names<S>['readable']>(
    table: Name,
    options?: CountClauses<RowOf<S, Name>> & ReadLimits<CacheOption>[How],
  ): Answers<number>[How];

  /**
   * Inserts one row, or many in one statement, and returns what was written: a row for a row, rows in
   * the given order for rows, their number with `returning: false`. Columns that are left out get their default.
   * A value may have any form that its column takes, such as a `Date`, a bigint, bytes, or an array of numbers for a vector.
   *
   * Errors in addition to the common ones: `UniqueConstraintError`, `ForeignKeyError`, `NotNullError`,
   * `CheckError`, `NotFoundError` if the number of rows is not `expect`.
   *
   * @example
   * ```ts
   * const trip = await db.insert('trips', { title: 'Lisbon', user_id: userId });
   * const ids = await db.insert('trips', drafts, { returning: ['id'] });
   * ```
   */
  insert<Name extends Names<S>['insertable'], Given, const Chosen extends Returning<RowOf<S, Name>> = true>(
    table: Name,
    row: OneOrMany<Given, InsertOf<S, Name>>,
    options?: WriteClauses<Chosen> & WriteLimits[How],
  ): Answers<InsertedRows<RowOf<S, Name>, Chosen, Given>>[How];

  /**
   * Changes the rows that match `filters`, or every row with `all: true`, and returns them.
   *
   * Rows that the identity may not change are skipped without an error; use `expect` to notice this, and `unchanged` for
   * optimistic updates.
   *
   * @example
   * ```ts
   * await db.update('trips', { status: 'done' }, { filters: { id }, expect: 1 });
   * ```
   */
  update<Name extends Names<S>['updatable'], const Chosen extends Returning<RowOf<S, Name>> = true>(
    table: Name,
    set: UpdateOf<S, Name>,
    options: ChangeClauses<RowOf<S, Name>, Chosen> & WriteLimits[How],
  ): Answers<ChangedRows<RowOf<S, Name>, Chosen>>[How];

  /**
   * Deletes the rows that match `filters`, or every row with `all: true`, and returns them.
   *
   * @example
   * ```ts
   * const gone = await db.delete('api_keys', { filters: { revoked_at: op.lt(cutoff) }, returning: false });
   * ```
   */
  delete<Name extends Names<S>['updatable'], const Chosen extends Returning<RowOf<S, Name>> = true>(
    table: Name,
    options: ChangeClauses<RowOf<S, Name>, Chosen> & WriteLimits[How],
  ): Answers<ChangedRows<RowOf<S, Name>, Chosen>>[How];

  /**
   * Inserts new rows and overwrites existing ones, by a unique key.
   *
   * With `ignoreDuplicates` existing rows stay as they are and are not returned: the result for a single row
   * may then be `undefined`.
   *
   * @example
   * ```ts
   * await db.upsert('profiles', { id, email, display_name }, { onConflict: 'email', update: ['display_name'] });
   * ```
   */
  upsert<
    Name extends Names<S>['insertable'],
    Given,
    const Chosen extends Returning<RowOf<S, Name>> = true,
    Ignore extends boolean = false,
  >(
    table: Name,
    row: OneOrMany<Given, InsertOf<S, Name>>,
    options?: UpsertClauses<RowOf<S, Name>, Chosen, Ignore> & WriteLimits[How],
  ): Answers<UpsertedRows<RowOf<S, Name>, Chosen, Given, Ignore>>[How];

  /**
   * Calls a function with arguments by name and returns its result: a value, a row, or rows of
   * a set-returning one. Of several signatures it calls the one whose argument names match. Stable and
   * immutable functions run read-only.
   *
   * @example
   * ```ts
   * const near = await db.rpc('destinations_near', { lat: 38.7, lon: -9.1 });
   * const version = await db.rpc('schema_version');
   * ```
   */
  rpc<
    Name extends keyof FunctionsOf<S> & string,
    Given = NoArguments,
    const Cache extends CacheOption = undefined,
  >(
    name: Name,
    ...rest: RpcParameters<FunctionOf<S, Name>, Given, RpcLimits<Cache>[How]>
  ): Answers<Recalled<RpcReturns<FunctionOf<S, Name>, Given>, Cache>>[How];

  /**
   * Rows nearest to a vector, nearest first, each with its `similarity`.
   *
   * Errors in addition to the common ones: `ValidationError` for a vector that has another number of dimensions than
   * the column, or a number that is not finite; `NotFoundError` where `near` names no row that has a vector.
   *
   * @example
   * ```ts
   * const near = await db.vectorSearch('destinations', {
   *   vector: await embed('old town by the sea'),
   *   filters: { country: 'PT' },
   *   columns: ['id', 'name'],
   *   similarityThreshold: 0.6,
   * }); // { id, name, similarity }[]
   * const others = await db.vectorSearch('destinations', { near: { id: near[0].id }, columns: ['name'] });
   * ```
   */
  vectorSearch<
    Name extends Names<S>['readable'],
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    const Cache extends CacheOption = undefined,
    Many extends readonly QueryVector[] | undefined = undefined,
    const Info extends boolean | undefined = undefined,
  >(
    table: Name,
    options: VectorSearchClauses<RowOf<S, Name>, Item, Many, Info> & ReadLimits<Cache>[How],
  ): Answers<
    Recalled<
      Searched<
        {
          [Key in PickedKey<Item> | 'similarity']: Key extends 'similarity'
            ? number
            : PickedValue<S, Name, Item, Key>;
        },
        Many,
        Info
      >,
      Cache
    >
  >[How];

  /**
   * Rows that match a text, and rows nearest to a vector, as one list under the same filters and policies, the best first:
   * reciprocal rank fusion. It needs a primary key, or a unique key that is never null. Rows with equal scores are in the order of that key.
   *
   * However a row was found, it has its `score`, its `similarity` (null where its vector is), and its `textRank` by
   * `ts_rank_cd` (null where the text does not match).
   *
   * Errors in addition to the common ones: `UsageError` for a relation without a key, and `UNKNOWN_LANGUAGE`;
   * `ValidationError` for a vector that has another number of dimensions than the column, a number that is not finite, and
   * weights out of their range.
   *
   * @example
   * ```ts
   * const found = await db.hybridSearch('destinations', {
   *   text: 'old town by the sea',
   *   textColumns: ['name', 'description'],
   *   vector: await embed('old town by the sea'),
   *   filters: { country: 'PT' },
   *   columns: ['id', 'name'],
   *   weights: { text: 1, vector: 2 },
   * }); // { id, name, score, similarity, textRank }[]
   * ```
   */
  hybridSearch<
    Name extends Names<S>['readable'],
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    const Cache extends CacheOption = undefined,
    const Info extends boolean | undefined = undefined,
  >(
    table: Name,
    options: HybridSearchClauses<RowOf<S, Name>, Item, Info> & ReadLimits<Cache>[How],
  ): Answers<
    Recalled<
      SearchedOnce<
        {
          [Key in PickedKey<Item> | 'score' | 'similarity' | 'textRank']: Key extends 'score'
            ? number
            : Key extends 'similarity' | 'textRank'
              ? number | null
              : PickedValue<S, Name, Item, Key>;
        },
        Info
      >,
      Cache
    >
  >[How];
}
