import type { ModeName } from '../../contract/mode.ts';

/** Options of every call that reaches the database. `undefined` means absent, so they can be passed on. */
export interface CallOptions {
  /**
   * The mode for this call, instead of the one from the mode table. A mode that is not
   * configured is a `ConfigurationError`. Inside a transaction, a mode other than the transaction's own.
   */
  readonly mode?: ModeName | undefined;
  /**
   * Milliseconds for the whole call: waiting for a connection, sending, running and reading. After that
   * the call rejects with `TimeoutError`, no later than 250 ms later.
   *
   * @defaultValue the service's `timeoutMs`
   */
  readonly timeoutMs?: number | undefined;
  /** Ends the call with a `TimeoutError` of code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A name for what the call is for, such as `trips.list`: 1 to 100 characters, without control characters. It is told with
   * the call, and never a label of a metric. Make it of your code's words, not of a request's.
   */
  readonly label?: string | undefined;
}
