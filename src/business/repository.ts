import type { CachedReadOption, CacheOption, Recalled } from '../consolidated/typed/cache-options.ts';
import type { CallOptions } from '../consolidated/typed/call-options.ts';
import type { IdempotencyOption } from '../consolidated/typed/idempotency-option.ts';
import type { ColumnItem, PickedKey, PickedValue } from '../consolidated/typed/picked-columns.ts';
import type { Querying } from '../consolidated/typed/querying.ts';
import type { CountMethod, RowClauses } from '../consolidated/typed/read-options.ts';
import type { ColumnOf, InsertOf, Names, RowOf, UpdateOf } from '../consolidated/typed/relations.ts';
import type { TransactionOptions } from '../consolidated/typed/transaction-handle.ts';
import type { InsertedRows, Returning, UnchangedValues } from '../consolidated/typed/write-options.ts';
import type { AcceptedValues, Comparable } from '../consolidated/values/accepted.ts';

/** What a repository works with: `db`, `db.as(…)`, `db.withToken(…)` or `tx`. */
export interface RepositoryHandle<S> extends Querying<S> {
  /** Of a service or handle a transaction, of a `tx` a savepoint. */
  transaction<Result>(
    fn: (tx: RepositoryHandle<S>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
}

/** Tables, and views that take every write. */
export type RepositoryTable<S> = Names<S>['insertable'] & Names<S>['updatable'];

/** The column, or the columns, that tell rows apart. */
export type KeyColumns<Row> = ColumnOf<Row> | readonly [ColumnOf<Row>, ...ColumnOf<Row>[]];

/** Which row: a value where the key is given as a name, an object by column where it is given as a list. */
export type KeyOf<Row, Key> = Key extends readonly unknown[]
  ? { readonly [Column in Key[number] & keyof Row]: KeyValue<Row[Column]> }
  : Key extends keyof Row
    ? KeyValue<Row[Key]>
    : never;

/** Any value but null and undefined, where the column's type is not known. */
type KeyValue<Value> = unknown extends Value ? NonNullable<unknown> : Comparable<NonNullable<Value>>;

/** Options of `createRepository`. */
export interface RepositoryOptions<Key> {
  /**
   * The column that tells rows apart, or an array of them for a key of several. It must be the primary key, or a unique key that
   * is never null: otherwise the first call rejects with a `UsageError` of code `NOT_A_KEY`.
   *
   * @defaultValue 'id'
   */
  readonly key: Key;
}

/** The last argument of `createRepository`, which a table without a column `id` needs. */
export type RepositoryParameters<Row, Key> = 'id' extends keyof Row
  ? [options?: Partial<RepositoryOptions<Key>>]
  : [options: RepositoryOptions<Key>];

/** Options of `find` and `get`. */
interface FindOptions<Row, Item extends ColumnItem<Row>, Cache extends CacheOption>
  extends Pick<RowClauses<Row, Item>, 'columns'>,
    CallOptions,
    CachedReadOption<Cache> {}

/** One column to order pages by. */
interface PageTerm<Row> {
  readonly column: ColumnOf<Row>;
  /** @defaultValue 'asc' */
  readonly direction?: 'asc' | 'desc';
  /** @defaultValue 'last' for ascending, 'first' for descending, as in Postgres */
  readonly nulls?: 'first' | 'last';
}

/** Options of `list`. */
interface ListOptions<Row, Item extends ColumnItem<Row>, Count extends CountMethod, Cache extends CacheOption>
  extends RowClauses<Row, Item>,
    CallOptions,
    CachedReadOption<Cache> {
  /**
   * Columns, or terms with a direction. The key is added at the end, in the direction of the last term, so that the order is
   * unique. A path into json is no order of pages.
   *
   * @defaultValue the key
   */
  readonly orderBy?: ColumnOf<Row> | PageTerm<Row> | readonly (ColumnOf<Row> | PageTerm<Row>)[] | undefined;
  /**
   * Rows of a page, a whole number from 1. One more is read, to know whether another page follows, so it must be less than the
   * service's `maxRows`.
   *
   * @defaultValue 100
   */
  readonly limit?: number | undefined;
  /** `next` of the page before, with the same `orderBy`. `undefined` is the first page. */
  readonly after?: Partial<AcceptedValues<Row>> | undefined;
  /** Adds `count`, the number of rows that match `filters`, in the same round trip. */
  readonly count?: Count;
}

/** A page of rows, and `next`, which is what to pass as `after`: `undefined` on the last page. */
export type Page<Row, Listed, Count> = [Count] extends [never]
  ? { rows: Listed; next: Position<Row> | undefined }
  : { rows: Listed; next: Position<Row> | undefined; count: number };

/** The last row of a page, by the columns of its order. */
type Position<Row> = { readonly [Column in keyof Row]?: Row[Column] };

interface WriteOptions<Row, Chosen extends Returning<Row>> extends CallOptions, IdempotencyOption {
  /** What to return of a written row: `true` for all columns, some columns, `false` for the number of rows. @defaultValue true */
  readonly returning?: Chosen;
}

/** The option of optimistic locking, of `update` and `remove`. */
interface UnchangedOption<Row> {
  /** The values that the row had when it was read, such as `{ version: 3 }`: if it no longer has them, it is a `ConflictError`. */
  readonly unchanged?: UnchangedValues<Row>;
}

/**
 * The rows of one table by their key, as whoever its handle acts as. `createRepository` makes it.
 *
 * It adds nothing to the errors of the service, and caches nothing by itself: `find`, `get` and `list` pass the option `cache`
 * on, and the writes outdate what they change, as those of the handle do.
 */
export interface Repository<S, Name extends RepositoryTable<S>, Key extends KeyColumns<RowOf<S, Name>>> {
  /**
   * The row with this key, or `undefined` if there is none or the caller may not see it.
   *
   * @example
   * ```ts
   * const trip = await trips.find(tripId, { columns: ['id', 'title'] });
   * ```
   */
  find<
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    const Cache extends CacheOption = undefined,
  >(
    key: KeyOf<RowOf<S, Name>, Key>,
    options?: FindOptions<RowOf<S, Name>, Item, Cache>,
  ): Promise<
    Recalled<{ [Column in PickedKey<Item>]: PickedValue<S, Name, Item, Column> } | undefined, Cache>
  >;

  /** As `find`, but rejects with `NotFoundError` instead. */
  get<
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    const Cache extends CacheOption = undefined,
  >(
    key: KeyOf<RowOf<S, Name>, Key>,
    options?: FindOptions<RowOf<S, Name>, Item, Cache>,
  ): Promise<Recalled<{ [Column in PickedKey<Item>]: PickedValue<S, Name, Item, Column> }, Cache>>;

  /**
   * A page of the rows that the caller may see. Pages never skip or repeat a row that stays as it is, whatever is written
   * between them. `next` is plain data, which a client may keep: what it sends back is checked like any other value.
   *
   * @example
   * ```ts
   * const page = await trips.list({ orderBy: { column: 'starts_on', direction: 'desc' }, limit: 20 });
   * const following = await trips.list({ orderBy: { column: 'starts_on', direction: 'desc' }, limit: 20, after: page.next });
   * ```
   */
  list<
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    Count extends CountMethod = never,
    const Cache extends CacheOption = undefined,
  >(
    options?: ListOptions<RowOf<S, Name>, Item, Count, Cache>,
  ): Promise<
    Page<
      RowOf<S, Name>,
      Recalled<{ [Column in PickedKey<Item>]: PickedValue<S, Name, Item, Column> }[], Cache>,
      Count
    >
  >;

  /** Inserts a row, or rows in one statement, and returns what was written, as `insert` of the handle does. */
  create<const Chosen extends Returning<RowOf<S, Name>> = true>(
    rows: readonly InsertOf<S, Name>[],
    options?: WriteOptions<RowOf<S, Name>, Chosen>,
  ): Promise<InsertedRows<RowOf<S, Name>, Chosen, readonly unknown[]>>;
  /** Inserts one row and returns it, as `insert` of the handle does. */
  create<const Chosen extends Returning<RowOf<S, Name>> = true>(
    row: InsertOf<S, Name>,
    options?: WriteOptions<RowOf<S, Name>, Chosen>,
  ): Promise<InsertedRows<RowOf<S, Name>, Chosen, object>>;

  /**
   * Changes the row with this key and returns it. If there is none, or the caller may not change it, it rejects with
   * `NotFoundError`.
   *
   * @example
   * ```ts
   * await trips.update(trip.id, { title }, { unchanged: { updated_at: trip.updated_at } });
   * ```
   */
  update<const Chosen extends Returning<RowOf<S, Name>> = true>(
    key: KeyOf<RowOf<S, Name>, Key>,
    changes: UpdateOf<S, Name>,
    options?: WriteOptions<RowOf<S, Name>, Chosen> & UnchangedOption<RowOf<S, Name>>,
  ): Promise<InsertedRows<RowOf<S, Name>, Chosen, object>>;

  /** Deletes the row with this key. If there is none, or the caller may not delete it, it rejects with `NotFoundError`. */
  remove(
    key: KeyOf<RowOf<S, Name>, Key>,
    options?: CallOptions & IdempotencyOption & UnchangedOption<RowOf<S, Name>>,
  ): Promise<void>;

  /**
   * Runs `fn` with a repository of the same definition inside a transaction, as `transaction` of the handle does: committed when
   * it resolves, rolled back when it throws. A repository made from a `tx` joins its transaction by a savepoint, which takes no
   * options.
   *
   * @param fn - `tx` is for whatever else belongs to the transaction: `members.with(tx)`
   *
   * @example
   * ```ts
   * await trips.withTransaction(async (trips, tx) => {
   *   const trip = await trips.create({ title: 'Lisbon' });
   *   await profiles.with(tx).update(userId, { last_trip: trip.id });
   * });
   * ```
   */
  withTransaction<Result>(
    fn: (repository: Repository<S, Name, Key>, tx: RepositoryHandle<S>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;

  /** The same definition with another handle: another caller, or an open transaction. */
  with(handle: RepositoryHandle<S>): Repository<S, Name, Key>;
}
