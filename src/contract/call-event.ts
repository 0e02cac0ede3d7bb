import type { Outcome } from './errors.ts';
import type { Identity } from './identity.ts';
import type { ModeName } from './mode.ts';
import type { StatementKind } from './statement.ts';

/** What one call did, reported when it has ended. Contains names and numbers, never values. Times are in milliseconds. */
export interface CallEvent {
  readonly kind: StatementKind;
  /** Undefined when the call failed before a mode was chosen. */
  readonly mode: ModeName | undefined;
  readonly identity: Identity['kind'] | undefined;
  readonly role: string | undefined;
  /**
   * The relation or function as `schema.name`, as the database knows it. Undefined for raw SQL, transactions and batches
   * over several of them, and where there is none of that name.
   */
  readonly target: string | undefined;
  /** The option `label` of the call. */
  readonly label: string | undefined;
  /** From the call to its answer, including waiting. */
  readonly milliseconds: number;
  /** Of that: waiting for a connection that others use. */
  readonly queueMs: number;
  /** Of that: waiting for a connection, or the embedded database, to be opened, and for the check of its login. */
  readonly connectMs: number;
  /**
   * Of that: from writing to the server to the end of its reply. Of a transaction its begin and end alone, because its
   * statements are told by themselves.
   */
  readonly serverMs: number;
  /** How often it was tried. 0 when it failed before. */
  readonly attempts: number;
  /** Rows returned or written. */
  readonly rows: number;
  /**
   * What the cache did. `stale`: it answered with what is older than its time, and reads it anew. `shared`: the answer is that of
   * another call that read the same. `second level`: it is from the store that processes share. `refused`: such an answer is
   * never kept. Undefined where it was not asked.
   */
  readonly cache: 'hit' | 'stale' | 'shared' | 'second level' | 'miss' | 'refused' | undefined;
  /** `answered`, or what is known of a call that failed. */
  readonly outcome: 'answered' | Outcome;
  /**
   * `code` of the error, undefined when the call succeeded. `THROWN`: the function of a transaction threw an error of its
   * own.
   */
  readonly errorCode: string | undefined;
  /** Name of the error's class, such as `TimeoutError`. */
  readonly errorClass: string | undefined;
}

/** A call that took long. */
export interface SlowCall {
  readonly event: CallEvent;
  /** The statements that it sent, in which values are `$1`, `$2`, …. Empty for a transaction: its calls are told themselves. */
  readonly sql: readonly string[];
}
