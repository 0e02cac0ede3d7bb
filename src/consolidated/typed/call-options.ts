import type { ModeName } from '../../contract/mode.ts';

/** Options of every call that reaches the database. `undefined` is as good as absent, so they can be passed on. */
export interface CallOptions {
  /**
   * The way to Postgres for this call, instead of the one that the mode table names. A mode that is not
   * configured is a `ValidationError`; inside a transaction, so is any other than the transaction's own.
   */
  readonly mode?: ModeName | undefined;
  /**
   * Milliseconds for the whole call: waiting for a connection, sending, running and reading. After them
   * the call rejects with `TimeoutError`, at the latest 250 ms later.
   *
   * @defaultValue the service's `timeoutMs`
   */
  readonly timeoutMs?: number | undefined;
  /** Ends the call with a `TimeoutError` of code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}
