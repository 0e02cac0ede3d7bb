import type { Identity } from '../../contract/identity.ts';
import type { CallOptions } from './call-options.ts';
import type { Querying } from './querying.ts';
import type { DatabaseShape, DefaultSchema, SchemaName, UntypedDatabase } from './schema-names.ts';
import type { NotificationHandler, Subscription } from './subscription.ts';
import type { TransactionHandle, TransactionOptions } from './transaction-handle.ts';

/**
 * The database with an identity: every statement runs under row level security as the handle's identity, the
 * ambient one of `runAs`, or the service's `defaultIdentity`, in this order. Without any of them a call rejects
 * with an `AuthenticationError` of code `IDENTITY_REQUIRED`.
 *
 * A handle holds no connection: create one for each request.
 *
 * @example
 * ```ts
 * const mine = db.withToken(request.token);
 * const trips = await mine.select('trips', { orderBy: 'starts_on' });
 * ```
 */
export interface DatabaseHandle<
  DB extends DatabaseShape<DB> = UntypedDatabase,
  Schema extends SchemaName<DB> = DefaultSchema<DB>,
> extends Querying<DB[Schema]> {
  /**
   * The same database as `identity`: `anonymous()`, `user(claims)` or `service()`.
   *
   * @example
   * ```ts
   * const all = await db.as(service()).select('trips');
   * ```
   */
  as(identity: Identity): DatabaseHandle<DB, Schema>;

  /**
   * Makes `identity` ambient for everything that `fn` calls and awaits, and returns what `fn` returns.
   * A handle with its own identity keeps it.
   *
   * @example
   * ```ts
   * app.use((request, next) => db.runAs(user(request.claims), next));
   * ```
   */
  runAs<Result>(identity: Identity, fn: () => Result): Result;

  /**
   * Runs `fn` as if no transaction were open, and returns what `fn` returns. Inside the function of `transaction`, calls
   * on any other handle than `tx` are refused with `TRANSACTION_BYPASSED`, unless they act as somebody else: they would
   * run on another connection. Use this where that is meant. Each such call needs a connection beside the one of its
   * transaction, so the pool must have enough of them.
   *
   * @example
   * ```ts
   * await db.transaction(async (tx) => {
   *   await tx.insert('trips', draft);
   *   await db.outside(() => db.insert('attempts', { at: new Date() })); // stays, even if the transaction rolls back
   * });
   * ```
   */
  outside<Result>(fn: () => Result): Result;

  /**
   * The same database as the owner of a token. It returns immediately; the first call verifies the token and
   * rejects with an `AuthenticationError` of code `TOKEN_INVALID` or `TOKEN_EXPIRED` if the token is invalid.
   */
  withToken(jwt: string): DatabaseHandle<DB, Schema>;

  /**
   * The same database and identity, with another schema.
   *
   * @example
   * ```ts
   * const invoices = await db.schema('billing').select('invoices');
   * ```
   */
  schema<Name extends SchemaName<DB>>(name: Name): DatabaseHandle<DB, Name>;

  /**
   * Runs `fn` in a transaction on its own connection: committed when it resolves, rolled back when it
   * throws. Returns what `fn` returns.
   *
   * Errors in addition to those of `fn`: `SerializationError` when all `retries` are used up, `OutcomeUnknownError`
   * when the answer to COMMIT was lost, `ConfigurationError` of code `UNSUPPORTED` if no configured mode can do it.
   *
   * @example
   * ```ts
   * const trip = await db.transaction(
   *   async (tx) => {
   *     const trip = await tx.insert('trips', draft);
   *     await tx.update('profiles', { last_trip: trip.id }, { filters: { id: trip.user_id }, expect: 1 });
   *     return trip;
   *   },
   *   { isolation: 'serializable', retries: 3 },
   * );
   * ```
   */
  transaction<Result>(
    fn: (tx: TransactionHandle<DB, Schema>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;

  /**
   * Calls `handler` for every notification on the channel until the subscription ends. Row level security does not
   * apply to notifications, so the identity must be `service()`; any other is an
   * `UsageError`.
   */
  listen(channel: string, handler: NotificationHandler, options?: CallOptions): Promise<Subscription>;
}
