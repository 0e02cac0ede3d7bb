import type { Fragment } from '../raw-sql/fragment.ts';
import type { BatchResults, BuiltStatement } from './built-statement.ts';
import type { CachedReadOption, CacheOption, Recalled } from './cache-options.ts';
import type { CacheReport } from './cache-report.ts';
import type { CallOptions } from './call-options.ts';
import type { IdempotencyOption } from './idempotency-option.ts';
import type { ColumnItem, PickedKey, PickedValue } from './picked-columns.ts';
import type { KeyClause, RowClauses, StreamClauses } from './read-options.ts';
import type { Names, RowOf } from './relations.ts';
import type { UntypedRow } from './schema-names.ts';
import type { SqlTag } from './sql-tag.ts';
import type { Statements } from './statements.ts';

/** What `selectOne` and `selectMaybe` take: there is one row, so paging and order mean nothing. */
type SingleOptions<Row, Item extends ColumnItem<Row>, Cache extends CacheOption> = RowClauses<Row, Item> &
  KeyClause &
  CallOptions &
  CachedReadOption<Cache>;

/** Options of `explain`. */
interface ExplainOptions extends CallOptions {
  /**
   * Runs the statement and shows real times and rows. What it writes is rolled back.
   *
   * @defaultValue false
   */
  readonly analyze?: boolean;
}

/**
 * What a handle and a transaction have in common: functions that take it work with both.
 *
 * @example
 * ```ts
 * async function openTrips(db: Querying<Database['public']>, userId: string) {
 *   return db.select('trips', { filters: { user_id: userId, status: 'planned' } });
 * }
 * ```
 */
export interface Querying<S> extends Statements<S, 'sent'> {
  /** The same statements, described but not sent: for `batch` and `explain`. */
  readonly build: Statements<S, 'built'>;

  readonly sql: SqlTag;

  /**
   * The one row that matches the filters.
   *
   * Errors in addition to the common ones: `NotFoundError` if there is none, `UsageError` if there are
   * several.
   *
   * @example
   * ```ts
   * const { email } = await db.selectOne('profiles', { filters: { id }, columns: ['email'] });
   * ```
   */
  selectOne<
    Name extends Names<S>['readable'],
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    const Cache extends CacheOption = undefined,
  >(
    table: Name,
    options?: SingleOptions<RowOf<S, Name>, Item, Cache>,
  ): Promise<Recalled<{ [Key in PickedKey<Item>]: PickedValue<S, Name, Item, Key> }, Cache>>;

  /**
   * The one row that matches the filters, or `undefined`. Several are a `UsageError`.
   *
   * @example
   * ```ts
   * const key = await db.selectMaybe('api_keys', { filters: { key_hash: hash } });
   * ```
   */
  selectMaybe<
    Name extends Names<S>['readable'],
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
    const Cache extends CacheOption = undefined,
  >(
    table: Name,
    options?: SingleOptions<RowOf<S, Name>, Item, Cache>,
  ): Promise<Recalled<{ [Key in PickedKey<Item>]: PickedValue<S, Name, Item, Key> } | undefined, Cache>>;

  /**
   * Sends several statements in one round trip: all of them are applied, or none. The results come in
   * their order. An empty batch is a `UsageError`.
   *
   * @example
   * ```ts
   * const [trip, planned] = await db.batch([
   *   db.build.insert('trips', { title: 'Lisbon', user_id: userId }),
   *   db.build.count('trips', { filters: { status: 'planned' } }),
   * ]);
   * ```
   */
  batch<const Built extends readonly BuiltStatement<unknown>[]>(
    statements: Built,
    options?: CallOptions & IdempotencyOption,
  ): Promise<BatchResults<Built>>;

  /**
   * Rows one after the other, in constant memory. It reads through a cursor in its own
   * transaction, which ends when the loop ends. `timeoutMs` limits the whole stream, including the
   * consumer's pauses.
   *
   * @example
   * ```ts
   * for await (const trip of db.stream('trips', { columns: ['id'], orderBy: 'id', batchSize: 500 })) {
   *   await index(trip.id);
   * }
   * for await (const row of db.stream<{ id: string }>(fragment`select id from trips`)) await index(row.id);
   * ```
   */
  stream<
    Name extends Names<S>['readable'],
    Item extends ColumnItem<RowOf<S, Name>> = keyof RowOf<S, Name> & string,
  >(
    table: Name,
    options?: StreamClauses<RowOf<S, Name>, Item> & CallOptions,
  ): AsyncIterable<{ [Key in PickedKey<Item>]: PickedValue<S, Name, Item, Key> }>;
  /** The rows of raw SQL, one after the other. */
  stream<Row extends object = UntypedRow>(
    query: Fragment,
    options?: Pick<StreamClauses<UntypedRow, string>, 'batchSize'> & CallOptions,
  ): AsyncIterable<Row>;

  /**
   * Sends a notification; in a transaction, when it commits.
   *
   * @param payload Text of less than 8000 bytes. Everyone who can connect can listen, so send no secrets.
   */
  notify(channel: string, payload?: string, options?: CallOptions): Promise<void>;

  /**
   * The plan of a statement as Postgres prints it, under the policies of this identity. One line per node.
   *
   * @example
   * ```ts
   * console.log(await db.explain(db.build.select('trips', { filters: { user_id: userId } })));
   * ```
   */
  explain(statement: BuiltStatement<unknown> | Fragment, options?: ExplainOptions): Promise<string>;

  /**
   * Whether answers to a statement are kept where `cache` asks for it, for this identity: what they depend on, or why not. Of a
   * write, what it outdates. Nothing is sent.
   *
   * @example
   * ```ts
   * const report = await db.explainCache(db.build.select('trips'));
   * if (!report.cacheable) console.log(report.reason, report.what);
   * ```
   */
  explainCache(statement: BuiltStatement<unknown>): Promise<CacheReport>;
}
